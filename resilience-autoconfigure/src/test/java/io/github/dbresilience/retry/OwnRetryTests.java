// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.retry;

import io.github.dbresilience.retry.RetriedTransactions.Failing;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.annotation.Configuration;
import org.springframework.dao.CannotAcquireLockException;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.resilience.annotation.EnableResilientMethods;
import org.springframework.retry.annotation.Backoff;
import org.springframework.retry.annotation.EnableRetry;
import org.springframework.retry.annotation.Retryable;
import org.springframework.transaction.annotation.Transactional;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * The user's own retry annotations stay in charge where they are, and attempts never
 * multiply.
 */
@ExtendWith(OutputCaptureExtension.class)
class OwnRetryTests {

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
	void attemptsDoNotMultiplyWithSpringRetry(CapturedOutput output) {
		world.runner().withUserConfiguration(SpringRetry.class).withBean(Work.class).run((context) -> {
			Failing failing = Failing.always(RetriedTransactions.raising(context, "40001"));
			assertThatExceptionOfType(CannotAcquireLockException.class)
				.isThrownBy(() -> context.getBean(Work.class).springRetry(failing));
			assertThat(failing.attempts()).isEqualTo(3);
			assertThat(output).containsOnlyOnce("Work.springRetry has @org.springframework.retry.annotation.Retryable");
		});
	}

	@Test
	void attemptsDoNotMultiplyWithTheFrameworksRetry() {
		world.runner().withUserConfiguration(FrameworkRetry.class).withBean(Work.class).run((context) -> {
			Failing failing = Failing.always(RetriedTransactions.raising(context, "40001"));
			assertThatExceptionOfType(CannotAcquireLockException.class)
				.isThrownBy(() -> context.getBean(Work.class).frameworkRetry(failing));
			assertThat(failing.attempts()).isEqualTo(3);
		});
	}

	@Test
	void aMethodWithoutOneIsOurs() {
		world.runner().withUserConfiguration(SpringRetry.class).withBean(Work.class).run((context) -> {
			Failing failing = Failing.always(RetriedTransactions.raising(context, "40001"));
			assertThatExceptionOfType(CannotAcquireLockException.class)
				.isThrownBy(() -> context.getBean(Work.class).ours(failing));
			assertThat(failing.attempts()).isEqualTo(5);
		});
	}

	@Configuration(proxyBeanMethods = false)
	@EnableRetry
	static class SpringRetry {

	}

	@Configuration(proxyBeanMethods = false)
	@EnableResilientMethods
	static class FrameworkRetry {

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
		@Retryable(maxAttempts = 3, backoff = @Backoff(delay = 1))
		public void springRetry(Runnable fault) {
			this.jdbc.queryForObject("select 1", Integer.class);
			fault.run();
		}

		@Transactional
		@RetryableTransaction
		@org.springframework.resilience.annotation.Retryable(maxRetries = 2, delay = 1)
		public void frameworkRetry(Runnable fault) {
			fault.run();
		}

		@Transactional
		@RetryableTransaction
		public void ours(Runnable fault) {
			fault.run();
		}

	}

}
