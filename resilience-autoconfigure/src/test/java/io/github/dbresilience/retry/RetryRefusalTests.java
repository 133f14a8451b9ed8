// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.retry;

import java.util.stream.Stream;

import io.github.dbresilience.retry.RetriedTransactions.Failing;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;

import org.junit.jupiter.params.provider.MethodSource;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.transaction.support.TransactionTemplate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.junit.jupiter.params.provider.Arguments.arguments;

/**
 * What cannot work is refused in plain words.
 */
@ExtendWith(OutputCaptureExtension.class)
class RetryRefusalTests {

	private static RetriedTransactions world;

	@BeforeAll
	static void start() {
		world = new RetriedTransactions();
	}

	@AfterAll
	static void stop() {
		world.close();
	}

	@ParameterizedTest
	@MethodSource
	void theStartFails(Class<?> bean, String why) {
		world.run(bean, (context) -> {
			assertThat(context).hasFailed();
			assertThat(context.getStartupFailure()).rootCause()
				.isInstanceOf(InvalidRetryableTransactionException.class)
				.hasMessageContaining(bean.getSimpleName())
				.hasMessageContaining(why);
		});
	}

	static Stream<org.junit.jupiter.params.provider.Arguments> theStartFails() {
		return Stream.of(arguments(NoTransaction.class, "has no transaction"),
				arguments(NoTransactionAtAll.class, "none of its methods is transactional"),
				arguments(Private.class, "a proxy does not see a private method"),
				arguments(Static.class, "a proxy does not see a static method"),
				arguments(Final.class, "a proxy does not see a final method"),
				arguments(Supports.class, "begins no transaction"), arguments(Mandatory.class, "begins no transaction"),
				arguments(NoDuration.class, "maxDuration 'soon' is not a duration such as 500ms or 10s"),
				arguments(LongDuration.class, "maxDuration must be between 1ms and 1h"),
				arguments(NoAttempts.class, "maxAttempts must be between 1 and 1000"));
	}

	@Test
	void aMethodThatNoInterfaceHasIsRefusedBehindAnInterfaceProxy() {
		world.run(Behind.class, (context) -> assertThat(context.getStartupFailure()).rootCause()
			.hasMessageContaining("the method is in no interface"), "spring.aop.proxy-target-class=false");
	}

	@Test
	void aMethodThatIsSwitchedOffIsNamedAtTheStart(CapturedOutput output) {
		world.run(Inner.class, (context) -> assertThat(output).contains(
				"Inner.work has @RetryableTransaction but is not tried again: db.resilience.retry.transactions=off"),
				"db.resilience.retry.transactions=off");
	}

	@Test
	void aCallInsideATransactionThatNobodyTriesAgainIsRefused() {
		world.run(Inner.class,
				(context) -> assertThatExceptionOfType(RetryInsideTransactionException.class)
					.isThrownBy(() -> context.getBean(TransactionTemplate.class)
						.executeWithoutResult((status) -> context.getBean(Inner.class).work(() -> {
						})))
					.withMessageContaining("Inner.work")
					.withMessageContaining("outermost")
					.withMessageContaining("db.resilience.retry.inside-transaction=join"));
	}

	@Test
	void aCallInsideATransactionJoinsWhereThatIsWanted() {
		world.run(Inner.class, (context) -> context.getBean(TransactionTemplate.class)
			.executeWithoutResult((status) -> context.getBean(Inner.class).work(() -> {
			})), "db.resilience.retry.inside-transaction=join");
	}

	@Test
	void aCallInsideATransactionThatIsTriedAgainJoinsIt() {
		world.runner().withBean(Inner.class).withBean(Outer.class).run((context) -> {
			Failing killed = world.killOnce(context);
			Failing counted = Failing.times(0, () -> {
			});
			context.getBean(Outer.class).work(() -> {
				counted.run();
				killed.run();
			});
			assertThat(killed.attempts()).isEqualTo(2);
			assertThat(counted.attempts()).isEqualTo(2);
		});
	}

	static class NoTransaction {

		@RetryableTransaction
		public void work() {
		}

	}

	@RetryableTransaction
	static class NoTransactionAtAll {

		public void work() {
		}

	}

	static class Private {

		@Transactional
		public void other() {
		}

		@Transactional
		@RetryableTransaction
		private void work() {
		}

	}

	static class Static {

		@Transactional
		@RetryableTransaction
		public static void work() {
		}

	}

	static class Final {

		@Transactional
		@RetryableTransaction
		public final void work() {
		}

	}

	static class Supports {

		@Transactional(propagation = Propagation.SUPPORTS)
		@RetryableTransaction
		public void work() {
		}

	}

	@Transactional(propagation = Propagation.MANDATORY)
	@RetryableTransaction
	static class Mandatory {

		public void work() {
		}

	}

	static class NoDuration {

		@Transactional
		@RetryableTransaction(maxDuration = "soon")
		public void work() {
		}

	}

	static class LongDuration {

		@Transactional
		@RetryableTransaction(maxDuration = "25h")
		public void work() {
		}

	}

	static class NoAttempts {

		@Transactional
		@RetryableTransaction(maxAttempts = 0)
		public void work() {
		}

	}

	static class Behind implements Runnable {

		@Override
		@Transactional
		public void run() {
		}

		@Transactional
		@RetryableTransaction
		public void work() {
		}

	}

	static class Inner {

		private final JdbcTemplate jdbc;

		Inner(JdbcTemplate jdbc) {
			this.jdbc = jdbc;
		}

		@Transactional
		@RetryableTransaction
		public void work(Runnable fault) {
			fault.run();
			this.jdbc.queryForObject("select 1", Integer.class);
		}

	}

	static class Outer {

		private final Inner inner;

		Outer(Inner inner) {
			this.inner = inner;
		}

		@Transactional
		@RetryableTransaction
		public void work(Runnable fault) {
			this.inner.work(fault);
		}

	}

}
