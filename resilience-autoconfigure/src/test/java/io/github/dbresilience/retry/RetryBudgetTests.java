// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.retry;

import java.time.Duration;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class RetryBudgetTests {

	private final FakeTime time = new FakeTime();

	@Test
	void aSteadyMinimumIsAlwaysAllowed() {
		RetryBudget budget = new RetryBudget(0.2, 10, this.time);
		assertThat(allowed(budget)).isEqualTo(100);
	}

	@Test
	void aShareOfTheTrafficIsAllowed() {
		RetryBudget budget = new RetryBudget(0.2, 0, this.time);
		assertThat(allowed(budget)).isZero();
		firstAttempts(budget, 50);
		assertThat(allowed(budget)).isEqualTo(10);
	}

	@Test
	void whatIsOlderThanTenSecondsCountsNoMore() {
		RetryBudget budget = new RetryBudget(0.5, 0, this.time);
		firstAttempts(budget, 20);
		assertThat(allowed(budget)).isEqualTo(10);
		this.time.pass(Duration.ofSeconds(9));
		firstAttempts(budget, 4);
		assertThat(allowed(budget)).isEqualTo(2);
		this.time.pass(Duration.ofSeconds(1));
		assertThat(allowed(budget)).isZero();
		firstAttempts(budget, 4);
		assertThat(allowed(budget)).isEqualTo(2);
	}

	@Test
	void aLongSilenceStartsAnew() {
		RetryBudget budget = new RetryBudget(1, 0, this.time);
		firstAttempts(budget, 5);
		assertThat(allowed(budget)).isEqualTo(5);
		this.time.pass(Duration.ofHours(1));
		assertThat(allowed(budget)).isZero();
		firstAttempts(budget, 3);
		assertThat(allowed(budget)).isEqualTo(3);
	}

	private static void firstAttempts(RetryBudget budget, int count) {
		for (int i = 0; i < count; i++) {
			budget.firstAttempt();
		}
	}

	private static int allowed(RetryBudget budget) {
		int allowed = 0;
		while (allowed < 1000 && budget.tryRetry()) {
			allowed++;
		}
		return allowed;
	}

}
