// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.circuitbreaker;

import java.time.Duration;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * When the breaker opens, and how it closes again.
 */
class DataSourceCircuitBreakerTests {

	private final BreakerUnderTest test = new BreakerUnderTest();

	private final DataSourceCircuitBreaker breaker = this.test.breaker();

	@Test
	void aNewBreakerIsClosed() {
		assertThat(this.breaker.state()).isEqualTo(CircuitBreakerState.CLOSED);
		assertThat(this.breaker.isHeldOpen()).isFalse();
		assertThat(this.breaker.describe()).startsWith("closed since ").endsWith(": started");
	}

	@Test
	void fiveFailuresInARowOpenIt() {
		this.test.fail(4);
		assertThat(this.breaker.state()).isEqualTo(CircuitBreakerState.CLOSED);
		assertThat(this.breaker.consecutiveFailures()).isEqualTo(4);
		this.test.fail(1);
		assertThat(this.breaker.state()).isEqualTo(CircuitBreakerState.OPEN);
		assertThat(this.breaker.isHeldOpen()).isTrue();
		assertThat(this.breaker.tryAcquire()).isNull();
		assertThat(this.breaker.describe()).startsWith("open since ")
			.contains("5 consecutive failures within 60 s")
			.contains("[57P03] FATAL: the database system is starting up");
	}

	@Test
	void fiveFailuresWithinExactlyTheWindowOpenIt() {
		this.test.fail(1);
		for (int i = 0; i < 4; i++) {
			this.test.pass(Duration.ofSeconds(15)).fail(1);
		}
		assertThat(this.breaker.state()).isEqualTo(CircuitBreakerState.OPEN);
	}

	@Test
	void fiveFailuresThatAreSpreadWiderDoNotOpenIt() {
		for (int i = 0; i < 40; i++) {
			this.test.fail(1).pass(Duration.ofSeconds(15).plusNanos(1));
		}
		assertThat(this.breaker.state()).isEqualTo(CircuitBreakerState.CLOSED);
	}

	@Test
	void theLastFiveFailuresOfALongRowDecide() {
		this.test.fail(4).pass(Duration.ofMinutes(5)).fail(4);
		assertThat(this.breaker.state()).isEqualTo(CircuitBreakerState.CLOSED);
		this.test.fail(1);
		assertThat(this.breaker.state()).isEqualTo(CircuitBreakerState.OPEN);
	}

	@Test
	void aSuccessEndsTheRow() {
		for (int i = 0; i < 10; i++) {
			this.test.fail(4).succeed(1);
		}
		assertThat(this.breaker.state()).isEqualTo(CircuitBreakerState.CLOSED);
		assertThat(this.breaker.consecutiveFailures()).isZero();
	}

	@Test
	void anAbandonedPermitNeitherEndsNorLengthensTheRow() {
		this.test.fail(4);
		this.test.acquire().abandoned();
		assertThat(this.breaker.consecutiveFailures()).isEqualTo(4);
		this.test.fail(1);
		assertThat(this.breaker.state()).isEqualTo(CircuitBreakerState.OPEN);
	}

	@Test
	void onlyTheFirstOutcomeOfAPermitCounts() {
		Permit permit = this.test.acquire();
		for (int i = 0; i < 10; i++) {
			permit.failed(BreakerUnderTest.OUTAGE);
		}
		permit.succeeded();
		permit.abandoned();
		assertThat(this.breaker.consecutiveFailures()).isEqualTo(1);
		assertThat(this.breaker.statistics().failureCount()).isEqualTo(1);
		assertThat(this.breaker.statistics().successCount()).isZero();
	}

	@Test
	void thresholdAndWindowAreThoseOfTheSettings() {
		BreakerUnderTest own = new BreakerUnderTest(new CircuitBreakerSettings(CircuitBreakerMode.ENABLED, 2,
				Duration.ofSeconds(1), Duration.ofSeconds(5), 1, true));
		own.fail(1).pass(Duration.ofMillis(1001)).fail(1);
		assertThat(own.breaker().state()).isEqualTo(CircuitBreakerState.CLOSED);
		own.fail(1);
		assertThat(own.breaker().state()).isEqualTo(CircuitBreakerState.OPEN);
		own.pass(Duration.ofMillis(5001)).succeed(1);
		assertThat(own.breaker().state()).isEqualTo(CircuitBreakerState.CLOSED);
	}

	@Test
	void aThresholdOfOneOpensItAtOnce() {
		BreakerUnderTest own = new BreakerUnderTest(new CircuitBreakerSettings(CircuitBreakerMode.ENABLED, 1,
				Duration.ofSeconds(60), Duration.ofSeconds(30), 2, true));
		own.fail(1);
		assertThat(own.breaker().state()).isEqualTo(CircuitBreakerState.OPEN);
	}

	@Test
	void anOutageSeenOutsideAnAcquisitionCounts() {
		for (int i = 0; i < 5; i++) {
			this.breaker.recordFailure(BreakerUnderTest.OUTAGE);
		}
		assertThat(this.breaker.state()).isEqualTo(CircuitBreakerState.OPEN);
	}

	@Test
	void anOutageSeenOutsideAnAcquisitionSaysNothingOfATrial() {
		this.test.untilTrialsAreDue();
		Permit trial = this.test.acquire();
		this.breaker.recordFailure(BreakerUnderTest.OUTAGE);
		assertThat(this.breaker.state()).isEqualTo(CircuitBreakerState.HALF_OPEN);
		trial.succeeded();
		this.test.succeed(1);
		assertThat(this.breaker.state()).isEqualTo(CircuitBreakerState.CLOSED);
	}

	@Test
	void anOpenBreakerRejectsUntilTheOpenDurationIsOver() {
		this.test.fail(5).pass(Duration.ofMillis(29_999));
		assertThat(this.breaker.tryAcquire()).isNull();
		assertThat(this.breaker.isHeldOpen()).isTrue();
		this.test.pass(Duration.ofMillis(2));
		assertThat(this.breaker.isHeldOpen()).isFalse();
		assertThat(this.test.acquire().isTrial()).isTrue();
		assertThat(this.breaker.state()).isEqualTo(CircuitBreakerState.HALF_OPEN);
	}

	@Test
	void aHalfOpenBreakerGivesTwoPermitsAndClosesAfterTwoSuccesses() {
		this.test.untilTrialsAreDue();
		Permit first = this.test.acquire();
		Permit second = this.test.acquire();
		assertThat(this.breaker.tryAcquire()).isNull();
		first.succeeded();
		assertThat(this.breaker.state()).isEqualTo(CircuitBreakerState.HALF_OPEN);
		assertThat(this.breaker.tryAcquire()).isNull();
		second.succeeded();
		assertThat(this.breaker.state()).isEqualTo(CircuitBreakerState.CLOSED);
		assertThat(this.test.acquire().isTrial()).isFalse();
		assertThat(this.breaker.consecutiveFailures()).isZero();
	}

	@Test
	void aFailedTrialReopensItAtOnceForTheWholeOpenDuration() {
		this.test.untilTrialsAreDue();
		this.test.acquire().succeeded();
		this.test.acquire().failed(BreakerUnderTest.OUTAGE);
		assertThat(this.breaker.state()).isEqualTo(CircuitBreakerState.OPEN);
		assertThat(this.test.pass(Duration.ofMillis(29_999)).breaker().tryAcquire()).isNull();
		this.test.pass(Duration.ofMillis(2)).succeed(2);
		assertThat(this.breaker.state()).isEqualTo(CircuitBreakerState.CLOSED);
	}

	@Test
	void theFirstTrialThatFailsReopensItWithoutASecond() {
		this.test.untilTrialsAreDue();
		this.test.acquire().failed(BreakerUnderTest.OUTAGE);
		assertThat(this.breaker.state()).isEqualTo(CircuitBreakerState.OPEN);
		assertThat(this.breaker.describe()).contains("a trial call failed");
	}

	@Test
	void anAbandonedTrialGivesItsPermitBack() {
		this.test.untilTrialsAreDue();
		for (int i = 0; i < 10; i++) {
			this.test.acquire().abandoned();
		}
		assertThat(this.breaker.state()).isEqualTo(CircuitBreakerState.HALF_OPEN);
		this.test.acquire();
		this.test.acquire();
		assertThat(this.breaker.tryAcquire()).isNull();
	}

	@Test
	void failuresOfAnOlderGenerationDoNotReopenIt() {
		Permit[] old = acquire(10);
		this.test.fail(5);
		this.breaker.databaseIsBack(this.breaker.generation());
		for (Permit permit : old) {
			permit.failed(BreakerUnderTest.OUTAGE);
		}
		assertThat(this.breaker.state()).isEqualTo(CircuitBreakerState.CLOSED);
		assertThat(this.breaker.consecutiveFailures()).isZero();
		assertThat(this.breaker.statistics().failureCount()).isEqualTo(5);
	}

	@Test
	void failuresOfAnOlderGenerationDoNotFailATrial() {
		Permit[] old = acquire(3);
		this.test.untilTrialsAreDue();
		Permit trial = this.test.acquire();
		for (Permit permit : old) {
			permit.failed(BreakerUnderTest.OUTAGE);
		}
		assertThat(this.breaker.state()).isEqualTo(CircuitBreakerState.HALF_OPEN);
		trial.succeeded();
		this.test.succeed(1);
		assertThat(this.breaker.state()).isEqualTo(CircuitBreakerState.CLOSED);
	}

	@Test
	void successesOfAnOlderGenerationDoNotCloseIt() {
		Permit[] old = acquire(10);
		this.test.untilTrialsAreDue();
		Permit trial = this.test.acquire();
		for (Permit permit : old) {
			permit.succeeded();
		}
		assertThat(this.breaker.state()).isEqualTo(CircuitBreakerState.HALF_OPEN);
		trial.failed(BreakerUnderTest.OUTAGE);
		assertThat(this.breaker.state()).isEqualTo(CircuitBreakerState.OPEN);
	}

	@Test
	void successesOfAnOlderGenerationDoNotEndARow() {
		Permit old = this.test.acquire();
		this.test.fail(5);
		this.breaker.databaseIsBack(this.breaker.generation());
		this.test.fail(4);
		old.succeeded();
		this.test.fail(1);
		assertThat(this.breaker.state()).isEqualTo(CircuitBreakerState.OPEN);
	}

	@Test
	void permitsAbandonedByAnOlderGenerationGiveNoTrialsAway() {
		Permit[] old = acquire(10);
		this.test.untilTrialsAreDue();
		this.test.acquire();
		this.test.acquire();
		for (Permit permit : old) {
			permit.abandoned();
		}
		assertThat(this.breaker.tryAcquire()).isNull();
	}

	@Test
	void trialsOfAnOlderHalfOpenStateAreStale() {
		this.test.untilTrialsAreDue();
		Permit old = this.test.acquire();
		this.test.acquire().failed(BreakerUnderTest.OUTAGE);
		this.test.pass(Duration.ofSeconds(31));
		Permit first = this.test.acquire();
		old.succeeded();
		first.succeeded();
		assertThat(this.breaker.state()).isEqualTo(CircuitBreakerState.HALF_OPEN);
		this.test.succeed(1);
		assertThat(this.breaker.state()).isEqualTo(CircuitBreakerState.CLOSED);
	}

	@Test
	void theDatabaseThatIsBackClosesAnOpenBreakerAtOnce() {
		this.test.fail(5);
		this.breaker.databaseIsBack(this.breaker.generation());
		assertThat(this.breaker.state()).isEqualTo(CircuitBreakerState.CLOSED);
		assertThat(this.breaker.describe()).contains("the probe reached the database");
	}

	@Test
	void theDatabaseThatIsBackClosesAHalfOpenBreaker() {
		this.test.untilTrialsAreDue();
		this.test.acquire();
		this.breaker.databaseIsBack(this.breaker.generation());
		assertThat(this.breaker.state()).isEqualTo(CircuitBreakerState.CLOSED);
	}

	@Test
	void theDatabaseThatIsBackClosesNothingWithoutActiveRecovery() {
		BreakerUnderTest passive = new BreakerUnderTest(BreakerUnderTest.withoutActiveRecovery());
		passive.fail(5);
		passive.breaker().databaseIsBack(passive.breaker().generation());
		assertThat(passive.breaker().state()).isEqualTo(CircuitBreakerState.OPEN);
	}

	@Test
	void theDatabaseThatIsGoneOpensAClosedBreaker() {
		this.breaker.databaseIsGone(BreakerUnderTest.OUTAGE);
		assertThat(this.breaker.state()).isEqualTo(CircuitBreakerState.OPEN);
		assertThat(this.breaker.describe()).contains("the probe cannot reach the database");
	}

	@Test
	void theDatabaseThatIsGoneDoesNotProlongAnOpenBreaker() {
		this.test.fail(5).pass(Duration.ofSeconds(29));
		this.breaker.databaseIsGone(BreakerUnderTest.OUTAGE);
		this.test.pass(Duration.ofMillis(1001)).succeed(2);
		assertThat(this.breaker.state()).isEqualTo(CircuitBreakerState.CLOSED);
	}

	@Test
	void theDatabaseThatIsBackSaysNothingOfAClosedBreaker() {
		this.test.fail(4);
		this.breaker.databaseIsBack(this.breaker.generation());
		assertThat(this.breaker.consecutiveFailures()).isEqualTo(4);
		assertThat(this.test.events()).isEmpty();
	}

	@Test
	void callersAreNeverToldToComeBackInLessThanASecond() {
		assertThat(this.breaker.retryAfter()).isEqualTo(Duration.ofSeconds(1));
		BreakerUnderTest passive = new BreakerUnderTest(BreakerUnderTest.withoutActiveRecovery());
		passive.fail(5);
		assertThat(passive.breaker().retryAfter()).isEqualTo(Duration.ofSeconds(30));
		passive.pass(Duration.ofMillis(29_900));
		assertThat(passive.breaker().retryAfter()).isEqualTo(Duration.ofSeconds(1));
		passive.pass(Duration.ofHours(1));
		assertThat(passive.breaker().retryAfter()).isEqualTo(Duration.ofSeconds(1));
	}

	@Test
	void withActiveRecoveryCallersAreToldToComeBackSoon() {
		this.test.fail(5);
		assertThat(this.breaker.retryAfter()).isEqualTo(Duration.ofSeconds(1));
	}

	@Test
	void theStateAsANumberIsThatOfTheDocumentation() {
		assertThat(CircuitBreakerState.CLOSED.code()).isZero();
		assertThat(CircuitBreakerState.OPEN.code()).isEqualTo(1);
		assertThat(CircuitBreakerState.HALF_OPEN.code()).isEqualTo(2);
	}

	@Test
	void theDefaultsAreThoseOfTheRequirements() {
		CircuitBreakerSettings defaults = CircuitBreakerSettings.defaults();
		assertThat(defaults).isEqualTo(new CircuitBreakerSettings(CircuitBreakerMode.ENABLED, 5, Duration.ofSeconds(60),
				Duration.ofSeconds(30), 2, true));
	}

	private Permit[] acquire(int count) {
		Permit[] permits = new Permit[count];
		for (int i = 0; i < count; i++) {
			permits[i] = this.test.acquire();
		}
		return permits;
	}

}
