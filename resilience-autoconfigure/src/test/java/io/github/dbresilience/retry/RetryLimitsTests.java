// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.retry;

import java.sql.SQLException;
import java.time.Duration;

import io.github.dbresilience.retry.RetriedTransactions.Failing;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import org.springframework.boot.test.context.assertj.AssertableApplicationContext;
import org.springframework.boot.test.context.runner.ContextConsumer;
import org.springframework.context.ApplicationContext;
import org.springframework.dao.CannotAcquireLockException;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.transaction.CannotCreateTransactionException;
import org.springframework.transaction.annotation.Transactional;

import static io.github.dbresilience.retry.RetriedTransactions.assertStatistics;
import static io.github.dbresilience.retry.RetriedTransactions.raising;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * How often and how long a transaction is tried again.
 */
@Timeout(60)
class RetryLimitsTests {

	private static RetriedTransactions world;

	@BeforeAll
	static void start() {
		world = new RetriedTransactions();
	}

	@AfterAll
	static void stop() {
		world.close();
	}

	@Test
	void theLastFailureIsThrownWithTheFirstWhenAttemptsAreUsedUp() {
		run((context) -> {
			Failing failing = Failing.always(raising(context, "40001"));
			assertThatExceptionOfType(CannotAcquireLockException.class).isThrownBy(() -> work(context).common(failing))
				.satisfies((last) -> assertThat(last.getSuppressed()).singleElement()
					.isInstanceOf(CannotAcquireLockException.class));
			assertThat(failing.attempts()).isEqualTo(3);
			assertStatistics(context, 2, 0, 1, 0);
		}, "db.resilience.retry.max-attempts=3");
	}

	@Test
	void theAnnotationHasItsOwnMaximum() {
		run((context) -> {
			Failing failing = Failing.always(raising(context, "40001"));
			assertThatExceptionOfType(CannotAcquireLockException.class).isThrownBy(() -> work(context).twice(failing));
			assertThat(failing.attempts()).isEqualTo(2);
		});
	}

	@Test
	void aLaterFailureThatTryingAgainCannotHelpEndsIt() {
		run((context) -> {
			Failing first = Failing.once(raising(context, "40001"));
			Failing then = Failing.times(1, () -> {
				throw new IllegalArgumentException("refused");
			});
			assertThatExceptionOfType(IllegalArgumentException.class).isThrownBy(() -> work(context).common(() -> {
				first.run();
				then.run();
			})).satisfies((last) -> assertThat(last.getSuppressed()).hasSize(1));
			assertStatistics(context, 1, 0, 0, 1);
		});
	}

	@Test
	void theTimeoutOfTheTransactionIsTheDeadlineOfAllAttempts() {
		run((context) -> {
			Failing failing = Failing.always(raising(context, "40001"));
			long start = System.nanoTime();
			assertThatExceptionOfType(CannotAcquireLockException.class).isThrownBy(() -> work(context).timed(failing));
			assertThat(Duration.ofNanos(System.nanoTime() - start)).isBetween(Duration.ofMillis(500),
					Duration.ofMillis(2500));
			assertStatistics(context, failing.attempts() - 1, 0, 1, 0);
		}, "db.resilience.retry.max-attempts=1000", "db.resilience.retry.budget.min-per-second=100000");
	}

	@Test
	void theAnnotationHasItsOwnDeadline() {
		run((context) -> {
			Failing failing = Failing.always(raising(context, "40001"));
			long start = System.nanoTime();
			assertThatExceptionOfType(CannotAcquireLockException.class).isThrownBy(() -> work(context).brief(failing));
			assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(2));
			assertThat(failing.attempts()).isGreaterThan(2);
		}, "db.resilience.retry.max-attempts=1000", "db.resilience.retry.budget.min-per-second=100000");
	}

	@Test
	void attemptsThatReachNoServerAreBoundByTheDeadlineAlone() {
		RetriedTransactions.offline()
			.withBean(Work.class)
			.withPropertyValues("db.resilience.retry.max-attempts=2", "db.resilience.retry.max-duration=1500ms",
					"db.resilience.retry.max-interval=50ms")
			.run((context) -> {
				Failing body = Failing.always(() -> {
				});
				assertThatExceptionOfType(CannotCreateTransactionException.class)
					.isThrownBy(() -> work(context).common(body));
				assertThat(body.attempts()).isZero();
				assertThat(RetriedTransactions.statistics(context).retriesCount()).isGreaterThan(2);
				assertThat(RetriedTransactions.statistics(context).exhaustedCount()).isEqualTo(1);
			});
	}

	@Test
	void anInterruptEndsTheBackOffAtOnceAndKeepsTheFlag() {
		run((context) -> {
			Failing failing = Failing.always(() -> {
				Thread.currentThread().interrupt();
				raising(context, "40001").run();
			});
			try {
				assertThatExceptionOfType(CannotAcquireLockException.class)
					.isThrownBy(() -> work(context).common(failing))
					.satisfies((last) -> assertThat(last.getSuppressed()).singleElement()
						.extracting(Throwable::getMessage)
						.asString()
						.contains("interrupted after"));
				assertThat(Thread.currentThread().isInterrupted()).isTrue();
			}
			finally {
				Thread.interrupted();
			}
			assertThat(failing.attempts()).isEqualTo(1);
			assertThat(RetriedTransactions.statistics(context).interruptedCount()).isEqualTo(1);
		}, "db.resilience.retry.initial-interval=1h", "db.resilience.retry.max-interval=1h");
	}

	@Test
	void anEmptyBudgetEndsIt() {
		run((context) -> {
			Failing failing = Failing.always(raising(context, "40001"));
			assertThatExceptionOfType(CannotAcquireLockException.class).isThrownBy(() -> work(context).common(failing));
			assertThat(failing.attempts()).isEqualTo(2);
			assertStatistics(context, 1, 0, 0, 0);
			assertThat(RetriedTransactions.statistics(context).overBudgetCount()).isEqualTo(1);
		}, "db.resilience.retry.budget.min-per-second=0", "db.resilience.retry.budget.ratio=1");
	}

	@Test
	void aCheckedSqlExceptionIsThrownAsItsKind() {
		run((context) -> {
			Failing failing = Failing.times(0, () -> {
			});
			assertThatExceptionOfType(SQLException.class).isThrownBy(() -> work(context).plain(failing))
				.satisfies((ex) -> assertThat(ex.getSQLState()).isEqualTo("40001"));
			assertThat(failing.attempts()).isEqualTo(5);
		});
	}

	private static Work work(ApplicationContext context) {
		return context.getBean(Work.class);
	}

	private static void run(ContextConsumer<AssertableApplicationContext> test, String... properties) {
		world.run(Work.class, test, properties);
	}

	/**
	 * A service.
	 */
	static class Work {

		private final JdbcTemplate jdbc;

		Work(JdbcTemplate jdbc) {
			this.jdbc = jdbc;
		}

		@Transactional
		@RetryableTransaction
		public void common(Runnable fault) {
			fault.run();
		}

		@Transactional
		@RetryableTransaction(maxAttempts = 2)
		public void twice(Runnable fault) {
			fault.run();
		}

		@Transactional(timeout = 1)
		@RetryableTransaction(maxDuration = "1h")
		public void timed(Runnable fault) {
			fault.run();
		}

		@Transactional
		@RetryableTransaction(maxDuration = "300ms", initialInterval = "1ms")
		public void brief(Runnable fault) {
			fault.run();
		}

		@Transactional(rollbackFor = SQLException.class)
		@RetryableTransaction
		public void plain(Runnable counter) throws SQLException {
			counter.run();
			this.jdbc.update("update account set balance = 0 where id = 1");
			throw new SQLException("conflict", "40001");
		}

	}

}
