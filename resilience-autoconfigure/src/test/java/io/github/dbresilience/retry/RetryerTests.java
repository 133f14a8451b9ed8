// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.retry;

import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;

import io.github.dbresilience.retry.RetrySettings.Jitter;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

class RetryerTests {

	private static final Predicate<SQLException> CONFLICTS = (failure) -> "40001".equals(failure.getSQLState());

	private final FakeTime time = new FakeTime();

	private final RetryStatistics statistics = new RetryStatistics();

	private final AtomicInteger attempts = new AtomicInteger();

	private Duration maxDuration = Duration.ofSeconds(15);

	@AfterEach
	void clearInterrupt() {
		Thread.interrupted();
	}

	@Test
	void aFirstSuccessIsNotCounted() throws SQLException {
		assertThat(run(5, () -> "done")).isEqualTo("done");
		assertThat(this.time.sleeps()).isEmpty();
		assertStatistics(0, 0, 0, 0, 0);
	}

	@Test
	void attemptsAreMadeUntilOneSucceeds() throws SQLException {
		assertThat(run(5, failing(2))).isEqualTo("done");
		assertThat(this.attempts).hasValue(3);
		assertThat(this.time.sleeps()).containsExactly(Duration.ofMillis(100), Duration.ofMillis(200));
		assertStatistics(2, 1, 0, 0, 0);
	}

	@Test
	void theFirstAttemptCountsAgainstTheMaximum() {
		SQLException last = failure(() -> run(5, failing(100)));
		assertThat(last.getMessage()).isEqualTo("failure 5");
		assertThat(this.attempts).hasValue(5);
		assertThat(this.time.sleeps()).containsExactly(Duration.ofMillis(100), Duration.ofMillis(200),
				Duration.ofMillis(400), Duration.ofMillis(800));
		assertStatistics(4, 0, 1, 0, 0);
	}

	@Test
	void aSingleAttemptIsAllThatAMaximumOfOneAllows() {
		failure(() -> run(1, failing(100)));
		assertThat(this.attempts).hasValue(1);
		assertThat(this.time.sleeps()).isEmpty();
		assertStatistics(0, 0, 1, 0, 0);
	}

	@Test
	void aFailureThatMayNotBeTriedAgainStopsAtOnce() {
		SQLException duplicate = new SQLException("ERROR: duplicate key", "23505");
		SQLException thrown = failure(() -> run(5, () -> {
			this.attempts.incrementAndGet();
			throw duplicate;
		}));
		assertThat((Throwable) thrown).isSameAs(duplicate);
		assertThat(this.attempts).hasValue(1);
		assertThat(this.time.sleeps()).isEmpty();
		assertStatistics(0, 0, 0, 1, 0);
	}

	@Test
	void aLaterFailureThatMayNotBeTriedAgainStopsToo() {
		SQLException duplicate = new SQLException("ERROR: duplicate key", "23505");
		SQLException thrown = failure(() -> run(5, () -> {
			if (this.attempts.incrementAndGet() == 2) {
				throw duplicate;
			}
			throw new SQLException("conflict", "40001");
		}));
		assertThat((Throwable) thrown).isSameAs(duplicate);
		assertStatistics(1, 0, 0, 1, 0);
	}

	@Test
	void anExceptionThatIsNotTheDatabasesComesOutAsItIs() {
		assertThatIllegalArgumentException().isThrownBy(() -> run(5, () -> {
			this.attempts.incrementAndGet();
			throw new IllegalArgumentException("no");
		})).withMessage("no");
		assertThat(this.attempts).hasValue(1);
	}

	@Test
	void anErrorComesOutAsItIs() {
		assertThatExceptionOfType(StackOverflowError.class).isThrownBy(() -> run(5, () -> {
			throw new StackOverflowError();
		}));
	}

	@Test
	void nothingIsTriedAfterTheDeadline() {
		this.maxDuration = Duration.ofMillis(250);
		failure(() -> run(100, failing(100)));
		assertThat(this.time.sleeps()).containsExactly(Duration.ofMillis(100), Duration.ofMillis(150));
		assertThat(this.attempts).hasValue(2);
		assertStatistics(1, 0, 1, 0, 0);
	}

	@Test
	void anAttemptThatUsesUpTheDeadlineIsTheLast() {
		failure(() -> run(5, () -> {
			this.attempts.incrementAndGet();
			this.time.pass(Duration.ofSeconds(20));
			throw new SQLException("conflict", "40001");
		}));
		assertThat(this.attempts).hasValue(1);
		assertThat(this.time.sleeps()).isEmpty();
		assertStatistics(0, 0, 1, 0, 0);
	}

	@Test
	void anInterruptStopsAtOnceAndKeepsFlagCauseAndSqlState() {
		SQLException conflict = new SQLException("conflict", "40001");
		SQLException thrown = failure(() -> run(5, () -> {
			this.attempts.incrementAndGet();
			Thread.currentThread().interrupt();
			throw conflict;
		}));
		assertThat(Thread.currentThread().isInterrupted()).isTrue();
		assertThat(thrown.getCause()).isSameAs(conflict);
		assertThat(thrown.getSQLState()).isEqualTo("40001");
		assertThat(thrown.getMessage()).contains("orders").contains("interrupted");
		assertThat(this.attempts).hasValue(1);
		assertStatistics(0, 0, 0, 0, 1);
	}

	@Test
	@Timeout(10)
	void anInterruptEndsARealWait() throws Exception {
		RetrySettings slow = new RetrySettings(true, 5, Duration.ofHours(1), 2, Duration.ofHours(1), Jitter.NONE,
				Duration.ofHours(1), null, RetrySettings.Transactions.OFF, new RetrySettings.Budget(0.2, 10),
				RetrySettings.InsideTransaction.REFUSE);
		CountDownLatch failed = new CountDownLatch(1);
		FutureTask<SQLException> caller = new FutureTask<>(() -> failure(() -> Retryer.of(slow).run("orders", () -> {
			failed.countDown();
			throw new SQLException("conflict", "40001");
		}, CONFLICTS, Deadline.after(Duration.ofHours(1), System::nanoTime), this.statistics)));
		Thread thread = new Thread(caller);
		thread.start();
		assertThat(failed.await(5, TimeUnit.SECONDS)).isTrue();
		thread.interrupt();
		assertThat(caller.get(5, TimeUnit.SECONDS).getMessage()).contains("interrupted");
		assertThat(this.statistics.interruptedCount()).isEqualTo(1);
	}

	@Test
	void goingOnAfterAFirstAttemptDoesNotRepeatIt() throws SQLException {
		SQLException first = new SQLException("first", "40001");
		String result = retryer(5).runAfter(first, "orders", failing(1), CONFLICTS, deadline(), this.statistics);
		assertThat(result).isEqualTo("done");
		assertThat(this.attempts).hasValue(2);
		assertThat(this.time.sleeps()).containsExactly(Duration.ofMillis(100), Duration.ofMillis(200));
		assertStatistics(2, 1, 0, 0, 0);
	}

	@Test
	void theFirstAttemptOfTheCallerCountsAgainstTheMaximum() {
		SQLException first = new SQLException("first", "40001");
		failure(() -> retryer(3).runAfter(first, "orders", failing(100), CONFLICTS, deadline(), this.statistics));
		assertThat(this.attempts).hasValue(2);
	}

	@Test
	void aFirstFailureThatMayNotBeTriedAgainIsThrownAsItIs() {
		SQLException first = new SQLException("first", "23505");
		SQLException thrown = failure(
				() -> retryer(3).runAfter(first, "orders", failing(0), CONFLICTS, deadline(), this.statistics));
		assertThat((Throwable) thrown).isSameAs(first);
		assertThat(this.attempts).hasValue(0);
	}

	@Test
	void runsOfOneRetryerDoNotShareTheirAttempts() throws SQLException {
		Retryer retryer = retryer(3);
		for (int i = 0; i < 4; i++) {
			this.attempts.set(0);
			assertThat(retryer.run("orders", failing(2), CONFLICTS, deadline(), this.statistics)).isEqualTo("done");
		}
		assertStatistics(8, 4, 0, 0, 0);
	}

	private Attempt<String, SQLException> failing(int times) {
		return () -> {
			int attempt = this.attempts.incrementAndGet();
			if (attempt <= times) {
				throw new SQLException("failure " + attempt, "40001");
			}
			return "done";
		};
	}

	private String run(int maxAttempts, Attempt<String, SQLException> attempt) throws SQLException {
		return retryer(maxAttempts).run("orders", attempt, CONFLICTS, deadline(), this.statistics);
	}

	private Retryer retryer(int maxAttempts) {
		RetrySettings settings = new RetrySettings(true, maxAttempts, Duration.ofMillis(100), 2, Duration.ofSeconds(10),
				Jitter.NONE, this.maxDuration, null, RetrySettings.Transactions.OFF, new RetrySettings.Budget(0.2, 10),
				RetrySettings.InsideTransaction.REFUSE);
		return new Retryer(settings, this.time, () -> 0.5);
	}

	private Deadline deadline() {
		return Deadline.after(this.maxDuration, this.time);
	}

	private SQLException failure(Attempt<String, SQLException> attempt) {
		try {
			throw new AssertionError("Succeeded: " + attempt.run());
		}
		catch (SQLException ex) {
			return ex;
		}
	}

	private void assertStatistics(long retries, long recovered, long exhausted, long refused, long interrupted) {
		assertThat(this.statistics.retriesCount()).as("retries").isEqualTo(retries);
		assertThat(this.statistics.recoveredCount()).as("recovered").isEqualTo(recovered);
		assertThat(this.statistics.exhaustedCount()).as("exhausted").isEqualTo(exhausted);
		assertThat(this.statistics.refusedCount()).as("refused").isEqualTo(refused);
		assertThat(this.statistics.interruptedCount()).as("interrupted").isEqualTo(interrupted);
	}

}
