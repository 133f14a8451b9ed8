// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.datasource;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import io.github.dbresilience.circuitbreaker.DataSourceCircuitBreaker;
import io.github.dbresilience.circuitbreaker.Permit;
import io.github.dbresilience.fault.DatabaseUnavailableException;
import io.github.dbresilience.retry.Deadline;
import io.github.dbresilience.retry.Sleeper;

/**
 * Where callers wait out an open circuit breaker: not too many of them, no longer than
 * their deadline, and woken spread out, so that they do not rush at a server that has
 * just come back. Thread-safe.
 */
final class OutageWait {

	private static final long SPREAD_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

	private final String dataSource;

	private final DataSourceCircuitBreaker breaker;

	private final int maxWaiting;

	private final Sleeper sleeper;

	private final AtomicInteger waiting = new AtomicInteger();

	OutageWait(String dataSource, DataSourceCircuitBreaker breaker, int maxWaiting, Sleeper sleeper) {
		this.dataSource = dataSource;
		this.breaker = breaker;
		this.maxWaiting = maxWaiting;
		this.sleeper = sleeper;
	}

	int waiting() {
		return this.waiting.get();
	}

	/**
	 * Gets leave to use the database, after the outage if there is one.
	 */
	Permit await(Deadline deadline) throws DatabaseUnavailableException {
		Permit permit = this.breaker.tryAcquire();
		if (permit != null) {
			return permit;
		}
		if (this.breaker.isOpenedByHand()) {
			throw refused("not waiting for a breaker that was opened by hand");
		}
		if (this.waiting.incrementAndGet() > this.maxWaiting) {
			this.waiting.decrementAndGet();
			throw refused("not waiting, as " + this.maxWaiting + " callers wait already");
		}
		try {
			return awaitPermit(deadline);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw refused("interrupted after waiting " + deadline.elapsed().toMillis() + " ms");
		}
		finally {
			this.waiting.decrementAndGet();
		}
	}

	private Permit awaitPermit(Deadline deadline) throws InterruptedException, DatabaseUnavailableException {
		while (!deadline.isOver()) {
			long seen = this.breaker.generation();
			Permit permit = this.breaker.tryAcquire();
			if (permit != null) {
				return permit;
			}
			if (this.breaker.isOpenedByHand()) {
				throw refused("not waiting for a breaker that was opened by hand");
			}
			this.breaker.awaitChange(seen, deadline.remainingNanos());
			if (!this.breaker.isHeldOpen()) {
				long spread = ThreadLocalRandom.current().nextLong(SPREAD_NANOS);
				this.sleeper.sleep(Duration.ofNanos(Math.min(spread, deadline.remainingNanos())));
			}
		}
		throw refused("waited " + deadline.elapsed().toMillis() + " ms");
	}

	/**
	 * Gets leave to use the database at once or not at all.
	 */
	Permit now() throws DatabaseUnavailableException {
		Permit permit = this.breaker.tryAcquire();
		if (permit == null) {
			throw refused("not waiting, as the caller has an answer of its own");
		}
		return permit;
	}

	private DatabaseUnavailableException refused(String why) {
		this.breaker.statistics().rejected();
		return new DatabaseUnavailableException(this.dataSource, "%s - database unavailable, circuit breaker %s (%s)"
			.formatted(this.dataSource, this.breaker.describe(), why), this.breaker.retryAfter(), null);
	}

}
