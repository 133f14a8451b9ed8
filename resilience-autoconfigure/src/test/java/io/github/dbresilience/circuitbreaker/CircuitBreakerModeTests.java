// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.circuitbreaker;

import java.time.Duration;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

/**
 * The modes of a breaker, and control by hand.
 */
class CircuitBreakerModeTests {

	private final BreakerUnderTest enabled = new BreakerUnderTest();

	private final BreakerUnderTest monitoring = new BreakerUnderTest(
			BreakerUnderTest.inMode(CircuitBreakerMode.MONITORING));

	private final BreakerUnderTest disabled = new BreakerUnderTest(
			BreakerUnderTest.inMode(CircuitBreakerMode.DISABLED));

	@Test
	void inMonitoringNothingIsEverRejected() {
		this.monitoring.fail(1000);
		this.monitoring.breaker().databaseIsGone(BreakerUnderTest.OUTAGE);
		assertThat(this.monitoring.breaker().state()).isEqualTo(CircuitBreakerState.CLOSED);
		assertThat(this.monitoring.breaker().isHeldOpen()).isFalse();
		assertThat(this.monitoring.breaker().tryAcquire()).isNotNull();
		assertThat(this.monitoring.events()).isEmpty();
	}

	@Test
	void inMonitoringWouldHaveOpenedIsCountedOncePerRow() {
		this.monitoring.fail(4);
		assertThat(wouldHaveOpened()).isZero();
		this.monitoring.fail(1);
		assertThat(wouldHaveOpened()).isEqualTo(1);
		this.monitoring.fail(100);
		this.monitoring.breaker().databaseIsGone(BreakerUnderTest.OUTAGE);
		assertThat(wouldHaveOpened()).isEqualTo(1);
		this.monitoring.succeed(1).fail(5);
		assertThat(wouldHaveOpened()).isEqualTo(2);
	}

	@Test
	void inMonitoringAProbeThatFailsIsCountedOncePerRow() {
		this.monitoring.breaker().databaseIsGone(BreakerUnderTest.OUTAGE);
		this.monitoring.breaker().databaseIsGone(BreakerUnderTest.OUTAGE);
		this.monitoring.fail(5);
		assertThat(wouldHaveOpened()).isEqualTo(1);
		this.monitoring.succeed(1);
		this.monitoring.breaker().databaseIsGone(BreakerUnderTest.OUTAGE);
		assertThat(wouldHaveOpened()).isEqualTo(2);
	}

	@Test
	void inMonitoringSuccessesAndFailuresAreCounted() {
		this.monitoring.fail(3).succeed(2);
		assertThat(this.monitoring.breaker().statistics().failureCount()).isEqualTo(3);
		assertThat(this.monitoring.breaker().statistics().successCount()).isEqualTo(2);
	}

	@Test
	void aDisabledBreakerNeitherCountsNorRejects() {
		this.disabled.fail(1000).succeed(3);
		this.disabled.breaker().recordFailure(BreakerUnderTest.OUTAGE);
		this.disabled.breaker().databaseIsGone(BreakerUnderTest.OUTAGE);
		this.disabled.breaker().databaseIsBack(this.disabled.breaker().generation());
		assertThat(this.disabled.breaker().state()).isEqualTo(CircuitBreakerState.CLOSED);
		assertThat(this.disabled.breaker().statistics().failureCount()).isZero();
		assertThat(this.disabled.breaker().statistics().successCount()).isZero();
		assertThat(this.disabled.breaker().consecutiveFailures()).isZero();
		assertThat(this.disabled.acquire().isTrial()).isFalse();
	}

	@ParameterizedTest
	@EnumSource(value = CircuitBreakerMode.class, names = "ENABLED", mode = EnumSource.Mode.EXCLUDE)
	void leavingEnabledLetsAllCallsThroughAgain(CircuitBreakerMode mode) {
		this.enabled.fail(5);
		this.enabled.breaker().setMode(mode);
		assertThat(this.enabled.breaker().mode()).isEqualTo(mode);
		assertThat(this.enabled.breaker().state()).isEqualTo(CircuitBreakerState.CLOSED);
		this.enabled.fail(100);
		assertThat(this.enabled.transitions()).containsExactly("CLOSED -> OPEN", "OPEN -> CLOSED");
	}

	@Test
	void switchingToEnabledStartsToCountAnew() {
		this.monitoring.fail(100);
		this.monitoring.breaker().setMode(CircuitBreakerMode.ENABLED);
		assertThat(this.monitoring.breaker().consecutiveFailures()).isZero();
		this.monitoring.fail(4);
		assertThat(this.monitoring.breaker().state()).isEqualTo(CircuitBreakerState.CLOSED);
		this.monitoring.fail(1);
		assertThat(this.monitoring.breaker().state()).isEqualTo(CircuitBreakerState.OPEN);
	}

	@ParameterizedTest
	@EnumSource(CircuitBreakerMode.class)
	void permitsOfAnotherModeAreStale(CircuitBreakerMode before) {
		BreakerUnderTest test = new BreakerUnderTest(BreakerUnderTest.inMode(before));
		Permit[] old = new Permit[5];
		for (int i = 0; i < old.length; i++) {
			old[i] = test.acquire();
		}
		CircuitBreakerMode other = (before == CircuitBreakerMode.MONITORING) ? CircuitBreakerMode.ENABLED
				: CircuitBreakerMode.MONITORING;
		test.breaker().setMode(other);
		for (Permit permit : old) {
			permit.failed(BreakerUnderTest.OUTAGE);
		}
		assertThat(test.breaker().consecutiveFailures()).isZero();
	}

	@Test
	void allModesCanFollowEachOther() {
		for (CircuitBreakerMode from : CircuitBreakerMode.values()) {
			for (CircuitBreakerMode to : CircuitBreakerMode.values()) {
				this.enabled.breaker().setMode(from);
				this.enabled.breaker().setMode(to);
				assertThat(this.enabled.breaker().mode()).isEqualTo(to);
				assertThat(this.enabled.breaker().tryAcquire()).isNotNull();
			}
		}
		assertThat(this.enabled.events()).isEmpty();
	}

	@Test
	void aBreakerOpenedByHandStaysOpenUntilItIsClosed() {
		this.enabled.breaker().open();
		assertThat(this.enabled.breaker().state()).isEqualTo(CircuitBreakerState.OPEN);
		assertThat(this.enabled.breaker().isOpenedByHand()).isTrue();
		this.enabled.breaker().databaseIsBack(this.enabled.breaker().generation());
		this.enabled.pass(Duration.ofDays(1));
		assertThat(this.enabled.breaker().tryAcquire()).isNull();
		assertThat(this.enabled.breaker().isHeldOpen()).isTrue();
		this.enabled.breaker().close();
		assertThat(this.enabled.breaker().isOpenedByHand()).isFalse();
		assertThat(this.enabled.breaker().state()).isEqualTo(CircuitBreakerState.CLOSED);
		this.enabled.succeed(1);
	}

	@Test
	void anOpenBreakerCanBeHeldOpenByHand() {
		this.enabled.fail(5);
		this.enabled.breaker().open();
		this.enabled.breaker().databaseIsBack(this.enabled.breaker().generation());
		assertThat(this.enabled.breaker().state()).isEqualTo(CircuitBreakerState.OPEN);
		assertThat(this.enabled.breaker().describe()).contains("opened by hand");
	}

	@Test
	void anOpenBreakerCanBeClosedByHand() {
		this.enabled.fail(5);
		this.enabled.breaker().close();
		assertThat(this.enabled.breaker().state()).isEqualTo(CircuitBreakerState.CLOSED);
		assertThat(this.enabled.breaker().describe()).contains("closed by hand");
	}

	@Test
	void outcomesOfLeasesDoNotCloseABreakerOpenedByHand() {
		Permit old = this.enabled.acquire();
		this.enabled.breaker().open();
		old.succeeded();
		this.enabled.breaker().recordFailure(BreakerUnderTest.OUTAGE);
		assertThat(this.enabled.breaker().isOpenedByHand()).isTrue();
	}

	@ParameterizedTest
	@EnumSource(value = CircuitBreakerMode.class, names = "ENABLED", mode = EnumSource.Mode.EXCLUDE)
	void aBreakerThatIsNotEnabledCannotBeOpenedByHand(CircuitBreakerMode mode) {
		DataSourceCircuitBreaker breaker = new BreakerUnderTest(BreakerUnderTest.inMode(mode)).breaker();
		assertThatIllegalStateException().isThrownBy(breaker::open)
			.withMessageContaining("'orders'")
			.withMessageContaining(mode.name());
		assertThat(breaker.state()).isEqualTo(CircuitBreakerState.CLOSED);
	}

	private long wouldHaveOpened() {
		return this.monitoring.breaker().statistics().wouldHaveOpenedCount();
	}

}
