// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.retry;

import java.sql.SQLException;
import java.time.Duration;
import java.util.Random;
import java.util.function.DoubleSupplier;
import java.util.stream.IntStream;

import io.github.dbresilience.retry.RetrySettings.Jitter;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import org.springframework.retry.backoff.BackOffContext;
import org.springframework.retry.backoff.BackOffInterruptedException;
import org.springframework.retry.context.RetryContextSupport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

class FullJitterBackOffTests {

	private static final double ALMOST_ONE = Math.nextDown(1.0);

	private final FakeTime time = new FakeTime();

	@AfterEach
	void clearInterrupt() {
		Thread.interrupted();
	}

	@ParameterizedTest
	@CsvSource({ "1, 100", "2, 200", "3, 400", "4, 800", "7, 6400", "8, 10000", "9, 10000", "1000, 10000",
			"2147483647, 10000" })
	void theUpperBoundDoublesUpToItsCap(int failures, long millis) {
		assertThat(RetrySettings.defaults().upperBound(failures)).isEqualTo(Duration.ofMillis(millis));
	}

	@Test
	void aMultiplierOfOneKeepsTheUpperBound() {
		RetrySettings steady = settings(1, Jitter.FULL);
		assertThat(steady.upperBound(1)).isEqualTo(Duration.ofMillis(100));
		assertThat(steady.upperBound(50)).isEqualTo(Duration.ofMillis(100));
	}

	@Test
	void aWaitIsDrawnFromNothingUpToButNotIncludingTheUpperBound() {
		assertThat(sleepAfter(3, () -> 0.0)).isZero();
		assertThat(sleepAfter(3, () -> 0.5)).isEqualTo(Duration.ofMillis(200));
		assertThat(sleepAfter(3, () -> ALMOST_ONE)).isLessThan(Duration.ofMillis(400))
			.isGreaterThan(Duration.ofMillis(399));
	}

	@Test
	void waitsAreSpreadUniformlyBelowTheUpperBound() {
		Random random = new Random(42);
		int[] perQuarter = new int[4];
		for (int i = 0; i < 4000; i++) {
			Duration sleep = sleepAfter(1, random::nextDouble);
			assertThat(sleep).isBetween(Duration.ZERO, Duration.ofMillis(100));
			perQuarter[(int) (sleep.toNanos() / Duration.ofMillis(25).toNanos())]++;
		}
		assertThat(IntStream.of(perQuarter)).allSatisfy((count) -> assertThat(count).isBetween(900, 1100));
	}

	@Test
	void withoutJitterAWaitIsTheUpperBound() {
		assertThat(sleepAfter(settings(2, Jitter.NONE), 2, () -> 0.0)).isEqualTo(Duration.ofMillis(200));
	}

	@Test
	void aWaitEndsWithTheDeadline() {
		Deadline deadline = Deadline.after(Duration.ofMillis(150), this.time);
		this.time.pass(Duration.ofMillis(120));
		backOff(settings(2, Jitter.NONE), deadline, 5, () -> 0.0);
		assertThat(this.time.sleeps()).containsExactly(Duration.ofMillis(30));
		assertThat(deadline.isOver()).isTrue();
	}

	@Test
	void afterTheDeadlineThereIsNoWait() {
		Deadline deadline = Deadline.after(Duration.ZERO, this.time);
		backOff(settings(2, Jitter.NONE), deadline, 5, () -> 0.0);
		assertThat(this.time.sleeps()).containsExactly(Duration.ZERO);
	}

	@Test
	void anInterruptEndsTheWaitAndKeepsTheFlag() {
		Thread.currentThread().interrupt();
		assertThatExceptionOfType(BackOffInterruptedException.class).isThrownBy(() -> sleepAfter(1, () -> 0.5))
			.withCauseInstanceOf(InterruptedException.class);
		assertThat(Thread.currentThread().isInterrupted()).isTrue();
	}

	private Duration sleepAfter(int failures, DoubleSupplier random) {
		return sleepAfter(RetrySettings.defaults(), failures, random);
	}

	private Duration sleepAfter(RetrySettings settings, int failures, DoubleSupplier random) {
		backOff(settings, Deadline.after(Duration.ofHours(1), this.time), failures, random);
		return this.time.sleeps().get(this.time.sleeps().size() - 1);
	}

	private void backOff(RetrySettings settings, Deadline deadline, int failures, DoubleSupplier random) {
		FullJitterBackOff policy = new FullJitterBackOff(settings, deadline, this.time, random);
		RetryContextSupport retry = new RetryContextSupport(null);
		BackOffContext context = policy.start(retry);
		for (int i = 0; i < failures; i++) {
			retry.registerThrowable(new SQLException());
		}
		policy.backOff(context);
	}

	private static RetrySettings settings(double multiplier, Jitter jitter) {
		return new RetrySettings(true, 5, Duration.ofMillis(100), multiplier, Duration.ofSeconds(10), jitter,
				Duration.ofSeconds(15), null, RetrySettings.Transactions.OFF, new RetrySettings.Budget(0.2, 10),
				RetrySettings.InsideTransaction.REFUSE);
	}

}
