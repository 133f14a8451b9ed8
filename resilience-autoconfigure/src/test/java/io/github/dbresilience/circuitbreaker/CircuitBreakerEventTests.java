// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.circuitbreaker;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What listeners are told, and what they cannot break.
 */
class CircuitBreakerEventTests {

	@Test
	void everyChangeOfStateIsToldInOrderWithItsReason() {
		BreakerUnderTest test = new BreakerUnderTest();
		test.untilTrialsAreDue().succeed(2);
		test.breaker().open();
		test.breaker().close();
		test.breaker().databaseIsGone(BreakerUnderTest.OUTAGE);
		test.breaker().databaseIsBack(test.breaker().generation());
		assertThat(test.transitions()).containsExactly("CLOSED -> OPEN", "OPEN -> HALF_OPEN", "HALF_OPEN -> CLOSED",
				"CLOSED -> OPEN", "OPEN -> CLOSED", "CLOSED -> OPEN", "OPEN -> CLOSED");
		List<String> reasons = test.events().stream().map(CircuitBreakerStateEvent::reason).toList();
		assertThat(reasons.get(0)).startsWith("5 consecutive failures within 60 s, the last: [57P03]");
		assertThat(reasons.get(1)).isEqualTo("the open duration is over");
		assertThat(reasons.get(2)).isEqualTo("the trial calls succeeded");
		assertThat(reasons.subList(3, 5)).containsExactly("opened by hand", "closed by hand");
		assertThat(reasons.get(5)).startsWith("the probe cannot reach the database: [57P03]");
		assertThat(reasons.get(6)).isEqualTo("the probe reached the database");
		assertThat(test.events()).allSatisfy((event) -> {
			assertThat(event.dataSource()).isEqualTo("orders");
			assertThat(event.at()).isNotNull();
		});
	}

	@Test
	void holdingAnOpenBreakerOpenByHandIsNoChangeOfState() {
		BreakerUnderTest test = new BreakerUnderTest();
		test.fail(5);
		test.breaker().open();
		assertThat(test.transitions()).containsExactly("CLOSED -> OPEN");
	}

	@Test
	void whatDoesNotChangeTheStateIsNotTold() {
		BreakerUnderTest test = new BreakerUnderTest();
		test.breaker().close();
		test.breaker().databaseIsBack(test.breaker().generation());
		test.fail(4);
		assertThat(test.events()).isEmpty();
		assertThat(test.breaker().generation()).isZero();
	}

	@Test
	void everyChangeOfStateStartsANewGeneration() {
		BreakerUnderTest test = new BreakerUnderTest();
		List<Long> generations = new CopyOnWriteArrayList<>(List.of(test.breaker().generation()));
		test.untilTrialsAreDue();
		generations.add(test.breaker().generation());
		test.acquire();
		generations.add(test.breaker().generation());
		test.breaker().databaseIsBack(test.breaker().generation());
		generations.add(test.breaker().generation());
		assertThat(generations).doesNotHaveDuplicates().isSorted();
	}

	@Test
	void aListenerThatFailsAffectsNobody() {
		BreakerUnderTest test = new BreakerUnderTest(CircuitBreakerSettings.defaults(), (event) -> {
			throw new IllegalStateException("the listener failed");
		});
		test.untilTrialsAreDue().succeed(2);
		assertThat(test.breaker().state()).isEqualTo(CircuitBreakerState.CLOSED);
		assertThat(test.events()).hasSize(3);
	}

	@Test
	void aListenerSeesTheNewState() {
		AtomicReference<DataSourceCircuitBreaker> breaker = new AtomicReference<>();
		List<CircuitBreakerState> seen = new CopyOnWriteArrayList<>();
		BreakerUnderTest test = new BreakerUnderTest(CircuitBreakerSettings.defaults(),
				(event) -> seen.add(breaker.get().state()));
		breaker.set(test.breaker());
		test.fail(5);
		assertThat(test.transitions()).hasSize(1);
		test.breaker().databaseIsBack(test.breaker().generation());
		assertThat(test.transitions()).hasSize(2);
		assertThat(seen).containsExactly(CircuitBreakerState.OPEN, CircuitBreakerState.CLOSED);
	}

	/**
	 * A listener that another thread has to help would never return inside a lock.
	 */
	@Test
	void aListenerIsToldOfAnOpeningOutsideAllLocks() {
		AtomicReference<DataSourceCircuitBreaker> breaker = new AtomicReference<>();
		BreakerUnderTest test = new BreakerUnderTest(CircuitBreakerSettings.defaults(), (event) -> {
			if (event.to() == CircuitBreakerState.OPEN) {
				CompletableFuture.runAsync(() -> breaker.get().databaseIsBack(breaker.get().generation()))
					.orTimeout(5, TimeUnit.SECONDS)
					.join();
			}
		});
		breaker.set(test.breaker());
		test.fail(5);
		assertThat(test.transitions()).containsExactly("CLOSED -> OPEN", "OPEN -> CLOSED");
		assertThat(test.breaker().state()).isEqualTo(CircuitBreakerState.CLOSED);
	}

	@Test
	void aListenerMayControlTheBreaker() {
		AtomicReference<DataSourceCircuitBreaker> breaker = new AtomicReference<>();
		BreakerUnderTest test = new BreakerUnderTest(CircuitBreakerSettings.defaults(), (event) -> {
			if (event.to() == CircuitBreakerState.OPEN) {
				breaker.get().close();
			}
		});
		breaker.set(test.breaker());
		test.fail(5);
		assertThat(test.transitions()).containsExactly("CLOSED -> OPEN", "OPEN -> CLOSED");
		assertThat(test.breaker().state()).isEqualTo(CircuitBreakerState.CLOSED);
	}

	@Test
	void aHalfOpenStateThatNobodyUsesIsReasonedAsSuch() {
		BreakerUnderTest test = new BreakerUnderTest();
		test.untilTrialsAreDue();
		test.acquire();
		assertThat(test.breaker().describe()).startsWith("half-open since ").endsWith("the open duration is over");
		test.pass(Duration.ofMillis(1500));
		assertThat(test.breaker().describe()).startsWith("half-open since 1");
	}

}
