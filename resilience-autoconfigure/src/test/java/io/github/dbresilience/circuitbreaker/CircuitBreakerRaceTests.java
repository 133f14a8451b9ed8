// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.circuitbreaker;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;

import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreaker.StateTransition;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Races of the breaker of a data source.
 */
@Timeout(30)
class CircuitBreakerRaceTests {

	/**
	 * A caller gets a trial permit after Resilience4j has swapped its state and before
	 * the generation has grown: its outcome is dropped as stale and the permit is lost.
	 */
	@Test
	void aTrialPermitGivenDuringTheTransitionIsNotLost() {
		AtomicLong millis = new AtomicLong(1_000_000_000_000L);
		AtomicReference<DataSourceCircuitBreaker> breaker = new AtomicReference<>();
		AtomicReference<CompletableFuture<Permit>> early = new AtomicReference<>();
		CircuitBreakerSettings settings = BreakerUnderTest.withoutActiveRecovery();
		CircuitBreaker delegate = CircuitBreaker.of("orders",
				CircuitBreakerConfig.from(CircuitBreakerConfigs.forDataSource(settings))
					.clock(new TestClock(millis))
					.build());
		delegate.getEventPublisher().onStateTransition((event) -> {
			if (event.getStateTransition() == StateTransition.OPEN_TO_HALF_OPEN) {
				CompletableFuture<Permit> other = CompletableFuture.supplyAsync(() -> breaker.get().tryAcquire());
				early.set(other);
				// A breaker that makes the other caller wait is right too
				try {
					other.get(1, TimeUnit.SECONDS);
				}
				catch (Exception ex) {
					assertThat(ex).isInstanceOf(TimeoutException.class);
				}
			}
		});
		breaker.set(new DataSourceCircuitBreaker("orders", delegate, settings, (event) -> {
		}, () -> TimeUnit.MILLISECONDS.toNanos(millis.get())));
		for (int i = 0; i < 5; i++) {
			breaker.get().tryAcquire().failed(BreakerUnderTest.OUTAGE);
		}
		millis.addAndGet(30_001);
		Permit first = breaker.get().tryAcquire();
		Permit second = early.get().join();
		if (second != null) {
			second.succeeded();
		}
		if (first != null) {
			first.succeeded();
		}
		for (int i = 0; i < 2 && breaker.get().state() == CircuitBreakerState.HALF_OPEN; i++) {
			Permit more = breaker.get().tryAcquire();
			if (more != null) {
				more.succeeded();
			}
		}
		assertThat(breaker.get().state()).isEqualTo(CircuitBreakerState.CLOSED);
	}

	/**
	 * The listener of a change that Resilience4j makes by itself is called inside locks,
	 * and so a slow one holds up the probe that closes the breaker.
	 */
	@Test
	void aSlowListenerOfTheHalfOpenStateDoesNotHoldUpTheProbe() throws Exception {
		CountDownLatch told = new CountDownLatch(1);
		CountDownLatch go = new CountDownLatch(1);
		BreakerUnderTest test = new BreakerUnderTest(CircuitBreakerSettings.defaults(), (event) -> {
			if (event.to() == CircuitBreakerState.HALF_OPEN) {
				told.countDown();
				try {
					go.await();
				}
				catch (InterruptedException ex) {
					Thread.currentThread().interrupt();
				}
			}
		});
		test.untilTrialsAreDue();
		CompletableFuture<Permit> caller = CompletableFuture.supplyAsync(test.breaker()::tryAcquire);
		told.await();
		try {
			long before = test.breaker().generation();
			CompletableFuture<Void> probe = CompletableFuture
				.runAsync(() -> test.breaker().databaseIsBack(test.breaker().generation()));
			probe.get(2, TimeUnit.SECONDS);
			assertThat(test.breaker().generation()).isGreaterThan(before);
		}
		finally {
			go.countDown();
			caller.join();
		}
	}

	/**
	 * Two threads that announce may tell a listener of the second change while the first
	 * is still being told.
	 */
	@Test
	void aListenerIsToldOfOneChangeAfterTheOther() throws Exception {
		CountDownLatch first = new CountDownLatch(1);
		CountDownLatch go = new CountDownLatch(1);
		List<String> told = new CopyOnWriteArrayList<>();
		BreakerUnderTest test = new BreakerUnderTest(CircuitBreakerSettings.defaults(), (event) -> {
			if (event.to() == CircuitBreakerState.OPEN) {
				first.countDown();
				try {
					go.await();
				}
				catch (InterruptedException ex) {
					Thread.currentThread().interrupt();
				}
			}
			told.add(event.to().name());
		});
		CompletableFuture<Void> opener = CompletableFuture.runAsync(() -> test.fail(5));
		first.await();
		CompletableFuture<Void> probe = CompletableFuture
			.runAsync(() -> test.breaker().databaseIsBack(test.breaker().generation()));
		probe.get(2, TimeUnit.SECONDS);
		go.countDown();
		opener.join();
		assertThat(test.transitions()).hasSize(2);
		assertThat(told).containsExactly("OPEN", "CLOSED");
	}

	/**
	 * A permit that is given back in the half-open state is for those who wait.
	 */
	@Test
	void aWaiterOfAHalfOpenBreakerLooksAgainSoon() throws Exception {
		BreakerUnderTest test = new BreakerUnderTest(BreakerUnderTest.withoutActiveRecovery());
		test.untilTrialsAreDue();
		Permit first = test.acquire();
		Permit second = test.acquire();
		long seen = test.breaker().generation();
		long start = System.nanoTime();
		CompletableFuture<Void> waiter = CompletableFuture.runAsync(() -> {
			try {
				test.breaker().awaitChange(seen, TimeUnit.SECONDS.toNanos(15));
			}
			catch (InterruptedException ex) {
				throw new IllegalStateException(ex);
			}
		});
		first.abandoned();
		second.abandoned();
		waiter.get(20, TimeUnit.SECONDS);
		assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(5));
	}

	private static final class TestClock extends Clock {

		private final AtomicLong millis;

		TestClock(AtomicLong millis) {
			this.millis = millis;
		}

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
			return Instant.ofEpochMilli(this.millis.get());
		}

	}

}
