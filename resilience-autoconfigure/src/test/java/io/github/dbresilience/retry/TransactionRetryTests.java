// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.retry;

import java.io.IOException;

import io.github.dbresilience.retry.RetriedTransactions.Failing;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import org.springframework.boot.test.context.assertj.AssertableApplicationContext;
import org.springframework.boot.test.context.runner.ContextConsumer;
import org.springframework.context.ApplicationContext;
import org.springframework.dao.DataAccessException;
import org.springframework.dao.DataAccessResourceFailureException;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.transaction.interceptor.TransactionAspectSupport;

import static io.github.dbresilience.retry.RetriedTransactions.assertStatistics;
import static io.github.dbresilience.retry.RetriedTransactions.raising;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatException;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

/**
 * Which transactions are tried again, and after which failures.
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
			Failing killed = world.killOnce(context);
			accounts(context).withdraw(1, 10, killed);
			assertThat(world.balance(1)).isEqualTo(before - 10);
			assertThat(killed.attempts()).isEqualTo(2);
			assertStatistics(context, 1, 1, 0, 0);
		});
	}

	@ParameterizedTest
	@CsvSource({ "off,1,1,1", "read-only,2,1,1", "annotated,2,2,1", "all,2,2,2" })
	void theModeSaysWhich(String mode, int readOnly, int optedIn, int writing) {
		run((context) -> {
			assertThat(attempts(context, accounts(context)::read)).isEqualTo(readOnly);
			assertThat(attempts(context, (fault) -> accounts(context).withdraw(1, 1, fault))).isEqualTo(optedIn);
			assertThat(attempts(context, (fault) -> accounts(context).withdrawWithoutOptIn(1, 1, fault)))
				.isEqualTo(writing);
		}, "db.resilience.retry.transactions=" + mode);
	}

	@Test
	void nothingIsTriedAgainWhereRetriesAreSwitchedOff() {
		run((context) -> assertThat(attempts(context, accounts(context)::read)).isEqualTo(1),
				"db.resilience.retry.enabled=false");
	}

	@Test
	void theModeOfTheDataSourceDecides() {
		run((context) -> assertThat(attempts(context, (fault) -> accounts(context).withdraw(1, 1, fault))).isEqualTo(1),
				"db.resilience.data-sources[dataSource].retry.transactions=read-only");
		run((context) -> assertThat(attempts(context, (fault) -> accounts(context).withdrawWithoutOptIn(1, 1, fault)))
			.isEqualTo(2), "db.resilience.data-sources[dataSource].retry.transactions=all");
	}

	@Test
	void aMethodThatBeginsNoTransactionIsNotTriedAgain() {
		run((context) -> assertThat(attempts(context, accounts(context)::withoutTransaction)).isEqualTo(1),
				"db.resilience.retry.transactions=all");
	}

	@Test
	void anExceptionOfTheApplicationIsThrownAsItIs() {
		run((context) -> {
			IllegalStateException refused = new IllegalStateException("refused");
			Failing failing = Failing.always(() -> {
				throw refused;
			});
			assertThatIllegalStateException().isThrownBy(() -> accounts(context).withdraw(1, 10, failing))
				.isSameAs(refused)
				.satisfies((ex) -> assertThat(ex.getSuppressed()).isEmpty());
			assertThat(failing.attempts()).isEqualTo(1);
			assertStatistics(context, 0, 0, 0, 0);
		});
	}

	@Test
	void anErrorThatTryingAgainCannotHelpIsThrownAsItIs() {
		run((context) -> {
			Failing failing = Failing.always(raising(context, "23505"));
			assertThatExceptionOfType(DuplicateKeyException.class)
				.isThrownBy(() -> accounts(context).withdraw(1, 10, failing));
			assertThat(failing.attempts()).isEqualTo(1);
		});
	}

	@Test
	void anExceptionOfTheApplicationDoesNotHideWhatTheDatabaseSaid() {
		run((context) -> {
			int before = world.balance(1);
			Failing killed = Failing.once(() -> world.kill(context.getBean(JdbcTemplate.class)));
			Failing conflict = Failing.once(raising(context, "40001"));
			accounts(context).withdraw(1, 10, () -> hiding(context, killed));
			accounts(context).withdraw(1, 10, () -> hiding(context, conflict));
			assertThat(killed.attempts()).isEqualTo(2);
			assertThat(conflict.attempts()).isEqualTo(2);
			assertThat(world.balance(1)).isEqualTo(before - 20);
		});
	}

	private static void hiding(ApplicationContext context, Runnable fault) {
		try {
			fault.run();
			context.getBean(JdbcTemplate.class).queryForObject("select 1", Integer.class);
		}
		catch (DataAccessException ex) {
			throw new IllegalStateException("not found");
		}
	}

	@Test
	void aNormalReturnFromATransactionThatWasLostIsAFailure() {
		run((context) -> {
			Failing killed = world.killOnce(context);
			accounts(context).returnsNormally(killed);
			assertThat(killed.attempts()).isEqualTo(2);
			Failing always = Failing.always(() -> world.kill(context.getBean(JdbcTemplate.class)));
			assertThatExceptionOfType(DataAccessResourceFailureException.class)
				.isThrownBy(() -> accounts(context).returnsNormally(always))
				.withMessageContaining("Accounts.returnsNormally")
				.withMessageContaining("nothing was committed");
			assertThat(always.attempts()).isEqualTo(5);
		});
	}

	@Test
	void aConflictThatWasHealedByASavepointDoesNotMatter() {
		run((context) -> {
			Failing failing = Failing.always(() -> {
				assertThatException().isThrownBy(() -> context.getBean(Nested.class).raise());
				throw new IllegalStateException("refused");
			});
			assertThatIllegalStateException().isThrownBy(() -> accounts(context).withdraw(1, 10, failing));
			assertThat(failing.attempts()).isEqualTo(1);
		});
	}

	@Test
	void aCheckedExceptionCommitsAsEver() {
		run((context) -> {
			int before = world.balance(1);
			assertThatExceptionOfType(IOException.class).isThrownBy(() -> accounts(context).withdrawAndThrow(1, 10));
			assertThat(world.balance(1)).isEqualTo(before - 10);
		});
	}

	@Test
	void aCheckedExceptionThatRollsBackIsNotTriedAgainEither() {
		run((context) -> {
			int before = world.balance(1);
			Failing counted = Failing.times(0, () -> {
			});
			assertThatExceptionOfType(IOException.class)
				.isThrownBy(() -> accounts(context).withdrawAndRollBack(1, 10, counted));
			assertThat(world.balance(1)).isEqualTo(before);
			assertThat(counted.attempts()).isEqualTo(1);
		});
	}

	private static int attempts(ApplicationContext context, Work work) {
		Failing killed = world.killOnce(context);
		try {
			work.run(killed);
		}
		catch (DataAccessException ex) {
			assertThat(killed.attempts()).isEqualTo(1);
		}
		return killed.attempts();
	}

	private static Accounts accounts(ApplicationContext context) {
		return context.getBean(Accounts.class);
	}

	private static void run(ContextConsumer<AssertableApplicationContext> test, String... properties) {
		world.runner().withBean(Accounts.class).withBean(Nested.class).withPropertyValues(properties).run(test);
	}

	@FunctionalInterface
	interface Work {

		void run(Failing fault);

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

		@Transactional(readOnly = true)
		public int read(Runnable between) {
			between.run();
			return this.jdbc.queryForObject("select 1", Integer.class);
		}

		@Transactional(propagation = Propagation.SUPPORTS)
		public int withoutTransaction(Runnable between) {
			between.run();
			return this.jdbc.queryForObject("select 1", Integer.class);
		}

		@Transactional
		@RetryableTransaction
		public void returnsNormally(Runnable between) {
			TransactionAspectSupport.currentTransactionStatus().setRollbackOnly();
			between.run();
			try {
				this.jdbc.queryForObject("select 1", Integer.class);
			}
			catch (DataAccessException ex) {
				// As Hibernate does, which then says "not found"
			}
		}

		@Transactional
		@RetryableTransaction
		public void withdrawAndThrow(int id, int amount) throws IOException {
			this.jdbc.update("update account set balance = balance - ? where id = ?", amount, id);
			throw new IOException("checked");
		}

		@Transactional(rollbackFor = IOException.class)
		@RetryableTransaction
		public void withdrawAndRollBack(int id, int amount, Runnable between) throws IOException {
			between.run();
			withdrawAndThrow(id, amount);
		}

	}

	/**
	 * A part that has a savepoint.
	 */
	static class Nested {

		private final JdbcTemplate jdbc;

		Nested(JdbcTemplate jdbc) {
			this.jdbc = jdbc;
		}

		@Transactional(propagation = Propagation.NESTED)
		public void raise() {
			this.jdbc.execute("do $$ begin raise exception 'x' using errcode = '55P03'; end $$");
		}

	}

}
