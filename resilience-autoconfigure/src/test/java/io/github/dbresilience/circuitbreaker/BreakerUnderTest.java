// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.circuitbreaker;

import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

import io.github.dbresilience.fault.Fault;
import io.github.dbresilience.fault.FaultClassifier;
import io.github.dbresilience.fault.Phase;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import org.awaitility.Awaitility;

/**
 * A circuit breaker in which time passes only when it is told to, for itself and for the
 * state machine below it.
 */
final class BreakerUnderTest {

	static final Fault OUTAGE = FaultClassifier
		.classify(new SQLException("FATAL: the database system is starting up", "57P03"), Phase.ACQUISITION);

	private final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - Duration.ofSeconds(1).toNanos());

	private final AtomicLong wallMillis = new AtomicLong(1_000_000_000_000L);

	private final List<CircuitBreakerStateEvent> events = new CopyOnWriteArrayList<>();

	private final CircuitBreaker delegate;

	private final DataSourceCircuitBreaker breaker;

	BreakerUnderTest(CircuitBreakerSettings settings, Consumer<CircuitBreakerStateEvent> listener) {
		CircuitBreakerConfig config = CircuitBreakerConfig.from(CircuitBreakerConfigs.forDataSource(settings))
			.clock(new WallClock())
			.build();
		this.delegate = CircuitBreaker.of("orders", config);
		this.breaker = new DataSourceCircuitBreaker("orders", this.delegate, settings, (event) -> {
			this.events.add(event);
			listener.accept(event);
		}, this.nanos::get);
	}

	BreakerUnderTest(CircuitBreakerSettings settings) {
		this(settings, (event) -> {
		});
	}

	BreakerUnderTest() {
		this(CircuitBreakerSettings.defaults());
	}

	static CircuitBreakerSettings inMode(CircuitBreakerMode mode) {
		return new CircuitBreakerSettings(mode, 5, Duration.ofSeconds(60), Duration.ofSeconds(30), 2, true);
	}

	static CircuitBreakerSettings withoutActiveRecovery() {
		return new CircuitBreakerSettings(CircuitBreakerMode.ENABLED, 5, Duration.ofSeconds(60), Duration.ofSeconds(30),
				2, false);
	}

	DataSourceCircuitBreaker breaker() {
		return this.breaker;
	}

	/**
	 * What listeners were told, once nothing more has come for a while.
	 */
	List<CircuitBreakerStateEvent> events() {
		AtomicInteger before = new AtomicInteger(-1);
		Awaitility.await()
			.pollInterval(Duration.ofMillis(50))
			.until(() -> before.getAndSet(this.events.size()) == this.events.size());
		return this.events;
	}

	List<String> transitions() {
		return events().stream().map((event) -> event.from() + " -> " + event.to()).toList();
	}

	BreakerUnderTest pass(Duration duration) {
		this.nanos.addAndGet(duration.toNanos());
		this.wallMillis.addAndGet(duration.toMillis());
		return this;
	}

	BreakerUnderTest fail(int times) {
		for (int i = 0; i < times; i++) {
			acquire().failed(OUTAGE);
		}
		return this;
	}

	BreakerUnderTest succeed(int times) {
		for (int i = 0; i < times; i++) {
			acquire().succeeded();
		}
		return this;
	}

	Permit acquire() {
		Permit permit = this.breaker.tryAcquire();
		if (permit == null) {
			throw new AssertionError("No permit: " + this.breaker.describe());
		}
		return permit;
	}

	/**
	 * Opens the breaker and waits until trial calls are due.
	 */
	BreakerUnderTest untilTrialsAreDue() {
		return fail(5).pass(Duration.ofSeconds(30).plusMillis(1));
	}

	private final class WallClock extends Clock {

		@Override
		public ZoneId getZone() {
			return ZoneOffset.UTC;
		}

		@Override
		public Clock withZone(ZoneId zone) {
			return this;
		}

		@Override
		public Instant instant() {
			return Instant.ofEpochMilli(BreakerUnderTest.this.wallMillis.get());
		}

	}

}
