// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.retry;

import io.github.dbresilience.retry.RetriedTransactions.Failing;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import org.springframework.boot.test.context.assertj.AssertableApplicationContext;
import org.springframework.boot.test.context.runner.ContextConsumer;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.transaction.annotation.Transactional;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatException;

/**
 * Which transactions are tried again, and how often.
 */
class TransactionRetryTests {

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
	void aTransactionWhoseSessionIsKilledHappensExactlyOnce() {
		run((context) -> {
			int before = world.balance(1);
			Failing killed = Failing.once(() -> world.kill(context.getBean(JdbcTemplate.class)));
			context.getBean(Accounts.class).withdraw(1, 10, killed);
			assertThat(world.balance(1)).isEqualTo(before - 10);
			assertThat(killed.attempts()).isEqualTo(2);
			assertThat(RetriedTransactions.statistics(context).retriesCount()).isEqualTo(1);
			assertThat(RetriedTransactions.statistics(context).recoveredCount()).isEqualTo(1);
		});
	}

	@Test
	void aWritingTransactionIsNotTriedAgainUnlessItSaysSo() {
		run((context) -> {
			int before = world.balance(1);
			Failing killed = Failing.once(() -> world.kill(context.getBean(JdbcTemplate.class)));
			assertThatException().isThrownBy(() -> context.getBean(Accounts.class).withdrawWithoutOptIn(1, 10, killed));
			assertThat(killed.attempts()).isEqualTo(1);
			assertThat(world.balance(1)).isEqualTo(before);
		});
	}

	private static void run(ContextConsumer<AssertableApplicationContext> test, String... properties) {
		world.runner().withBean(Accounts.class).withPropertyValues(properties).run(test);
	}

	/**
	 * A service.
	 */
	static class Accounts {

		private final JdbcTemplate jdbc;

		Accounts(JdbcTemplate jdbc) {
			this.jdbc = jdbc;
		}

		@Transactional
		@RetryableTransaction
		public void withdraw(int id, int amount, Runnable between) {
			this.jdbc.update("update account set balance = balance - ? where id = ?", amount, id);
			between.run();
			this.jdbc.queryForObject("select 1", Integer.class);
		}

		@Transactional
		public void withdrawWithoutOptIn(int id, int amount, Runnable between) {
			withdraw(id, amount, between);
		}

	}

}
