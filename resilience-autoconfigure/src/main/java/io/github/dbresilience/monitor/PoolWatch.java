// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.monitor;

import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

import com.zaxxer.hikari.HikariDataSource;
import io.github.dbresilience.circuitbreaker.BreakerStatistics;
import io.github.dbresilience.datasource.Protection;
import org.jspecify.annotations.Nullable;

/**
 * Tells a pool that is stuck from one that is merely busy: callers wait, all connections
 * are in use, and between two looks none was given back. Thread-safe.
 */
final class PoolWatch {

	private static final long DISTANCE_NANOS = TimeUnit.MILLISECONDS.toNanos(450);

	private final Protection protection;

	private final LongSupplier nanoTime;

	private long lookedAt;

	private long returnedBefore;

	private boolean full;

	private volatile boolean stuck;

	PoolWatch(Protection protection, LongSupplier nanoTime) {
		this.protection = protection;
		this.nanoTime = nanoTime;
		this.lookedAt = nanoTime.getAsLong();
	}

	/**
	 * Looks at the pool, unless it was looked at just now.
	 */
	synchronized void look() {
		long now = this.nanoTime.getAsLong();
		if (now - this.lookedAt < DISTANCE_NANOS) {
			return;
		}
		HikariDataSource pool = this.protection.pool();
		PoolCounts counts = PoolCounts.of(pool);
		boolean fullNow = pool != null && counts != null && counts.waiting() > 0
				&& counts.inUse() >= pool.getMaximumPoolSize();
		long returned = returned();
		this.stuck = this.full && fullNow && returned == this.returnedBefore;
		this.full = fullNow;
		this.returnedBefore = returned;
		this.lookedAt = now;
	}

	private long returned() {
		BreakerStatistics statistics = this.protection.breaker().statistics();
		return statistics.successCount() + statistics.failureCount();
	}

	/**
	 * The pool now.
	 * @return the snapshot, {@code null} if there is no pool or it has not started
	 */
	@Nullable PoolSnapshot snapshot() {
		HikariDataSource pool = this.protection.pool();
		PoolCounts counts = PoolCounts.of(pool);
		return (pool == null || counts == null) ? null : new PoolSnapshot(counts, pool.getMaximumPoolSize(),
				pool.getMinimumIdle(), this.protection.waits(), this.stuck);
	}

}
