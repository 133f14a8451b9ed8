// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.transaction;

import java.io.IOException;

import io.github.dbresilience.retry.RetriedTransactions;
import io.github.dbresilience.retry.RetriedTransactions.Failing;
import io.github.dbresilience.retry.RetrySettings.InsideTransaction;
import io.github.dbresilience.retry.RetrySettings.Transactions;
import io.github.dbresilience.retry.TransactionOutcomeUnknownException;
import io.github.dbresilience.retry.TransactionRetryer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import org.springframework.boot.test.context.assertj.AssertableApplicationContext;
import org.springframework.boot.test.context.runner.ContextConsumer;
import org.springframework.context.ApplicationContext;
import org.springframework.dao.CannotAcquireLockException;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.transaction.IllegalTransactionStateException;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionSynchronizationManager;
import org.springframework.transaction.support.TransactionTemplate;

import static io.github.dbresilience.retry.RetriedTransactions.raising;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatException;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * The template: the same rules without annotations.
 */
class ResilientTransactionsTests {

	private static RetriedTransactions world;

	@BeforeAll
	static void start() {
		world = new RetriedTransactions();
		world.sql("""
				create table slow (id int);
				create function slow_commit() returns trigger language plpgsql as
				$$ begin perform pg_sleep(60); return null; end $$;
				create constraint trigger slow_commit after insert on slow
				deferrable initially deferred for each row execute function slow_commit();
				""");
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
			int updated = template(context).named("withdrawal").execute(() -> withdraw(context, 10, killed));
			assertThat(updated).isEqualTo(1);
			assertThat(killed.attempts()).isEqualTo(2);
			assertThat(world.balance(1)).isEqualTo(before - 10);
		});
	}

	@Test
	void theSwitchOfTheOperatorIsObeyed() {
		run((context) -> {
			Failing killed = world.killOnce(context);
			assertThatException().isThrownBy(() -> template(context).execute(() -> withdraw(context, 10, killed)));
			assertThat(killed.attempts()).isEqualTo(1);
		}, "db.resilience.retry.transactions=off");
	}

	@Test
	void everyExceptionRollsBack() {
		run((context) -> {
			int before = world.balance(1);
			assertThatExceptionOfType(IOException.class).isThrownBy(() -> template(context).execute(() -> {
				withdraw(context, 10, () -> {
				});
				throw new IOException("checked");
			}));
			assertThat(world.balance(1)).isEqualTo(before);
		});
	}

	@Test
	void readOnlyAndSerializableAreWhatTheySay() {
		run((context) -> {
			JdbcTemplate jdbc = context.getBean(JdbcTemplate.class);
			String readOnly = "select current_setting('transaction_read_only')";
			String isolation = "select current_setting('transaction_isolation')";
			assertThat(template(context).readOnly().execute(() -> jdbc.queryForObject(readOnly, String.class)))
				.isEqualTo("on");
			assertThat(template(context).serializable().execute(() -> jdbc.queryForObject(isolation, String.class)))
				.isEqualTo("serializable");
			assertThat(template(context).execute(() -> jdbc.queryForObject(readOnly, String.class))).isEqualTo("off");
		});
	}

	@Test
	void serializableIsRefusedInsideATransactionThatIsNot() {
		run((context) -> assertThatExceptionOfType(IllegalTransactionStateException.class)
			.isThrownBy(() -> template(context).execute(() -> template(context).serializable().execute(() -> "done")))
			.withMessageContaining("make the outermost one serializable"));
	}

	@Test
	void theFallbackAnswersOutsideTheTransactionWhenAttemptsAreUsedUp() {
		run((context) -> {
			Failing failing = Failing.always(raising(context, "40001"));
			boolean inside = template(context).execute(() -> {
				failing.run();
				return true;
			}, (failure) -> {
				assertThat(failure).isInstanceOf(CannotAcquireLockException.class);
				return TransactionSynchronizationManager.isActualTransactionActive();
			});
			assertThat(inside).isFalse();
			assertThat(failing.attempts()).isEqualTo(5);
		});
	}

	@Test
	void theFallbackAnswersWhileTheDatabaseIsAway() {
		RetriedTransactions.offline()
			.withPropertyValues("db.resilience.retry.max-duration=300ms")
			.run((context) -> assertThat(template(context).readOnly().execute(() -> "not run", (failure) -> "fallback"))
				.isEqualTo("fallback"));
	}

	@Test
	void thereIsNoFallbackForAnExceptionOfTheApplication() {
		run((context) -> assertThatExceptionOfType(IOException.class)
			.isThrownBy(() -> template(context).<String, IOException>execute(() -> {
				throw new IOException("checked");
			}, (failure) -> "fallback")));
	}

	@Test
	void thereIsNoFallbackForAnUnknownOutcome() {
		run((context) -> {
			world.endSessionOnceIn("COMMIT");
			assertThatExceptionOfType(TransactionOutcomeUnknownException.class).isThrownBy(() -> template(context)
				.execute(() -> context.getBean(JdbcTemplate.class).update("insert into slow values (1)"),
						(failure) -> -1));
		}, "db.resilience.commit-outcome.strategy=off");
	}

	@Test
	void thereIsNoFallbackOnceAPartIsCommitted() {
		run((context) -> {
			TransactionTemplate own = new TransactionTemplate(context.getBean(PlatformTransactionManager.class));
			own.setPropagationBehavior(TransactionTemplate.PROPAGATION_REQUIRES_NEW);
			Failing killed = world.killOnce(context);
			assertThatExceptionOfType(DataAccessException.class).isThrownBy(() -> template(context).execute(() -> {
				own.executeWithoutResult((status) -> context.getBean(JdbcTemplate.class)
					.update("insert into audit (note) values ('tried')"));
				return withdraw(context, 10, killed);
			}, (failure) -> -1));
			assertThat(killed.attempts()).isEqualTo(1);
		});
	}

	@Test
	void aNestedPartThatFailsIsUndoneAlone() {
		run((context) -> {
			int before = world.balance(1);
			String answer = template(context).execute(() -> {
				withdraw(context, 1, () -> {
				});
				return template(context).nested().execute(() -> {
					withdraw(context, 10, raising(context, "23505"));
					return "done";
				}, (failure) -> "fallback");
			});
			assertThat(answer).isEqualTo("fallback");
			assertThat(world.balance(1)).isEqualTo(before - 1);
		});
	}

	@Test
	void aNestedPartOfALostTransactionIsNotAnsweredByItsFallback() {
		run((context) -> {
			int before = world.balance(1);
			Failing killed = world.killOnce(context);
			String answer = template(context).execute(() -> template(context).nested().execute(() -> {
				withdraw(context, 10, killed);
				return "done";
			}, (failure) -> "fallback"));
			assertThat(answer).isEqualTo("done");
			assertThat(killed.attempts()).isEqualTo(2);
			assertThat(world.balance(1)).isEqualTo(before - 10);
		});
	}

	@Test
	void nestedNeedsATransaction() {
		run((context) -> assertThatExceptionOfType(IllegalTransactionStateException.class)
			.isThrownBy(() -> template(context).nested().execute(() -> "done"))
			.withMessageContaining("needs an active one"));
	}

	@Test
	void theUsersOwnTemplateIsKept() {
		world.runner()
			.withBean("own", ResilientTransactions.class,
					() -> new ResilientTransactions(() -> null,
							new TransactionRetryer(Transactions.OFF, InsideTransaction.JOIN)))
			.run((context) -> assertThat(context).hasSingleBean(ResilientTransactions.class).hasBean("own"));
	}

	private static int withdraw(ApplicationContext context, int amount, Runnable fault) {
		JdbcTemplate jdbc = context.getBean(JdbcTemplate.class);
		int updated = jdbc.update("update account set balance = balance - ? where id = 1", amount);
		fault.run();
		jdbc.queryForObject("select 1", Integer.class);
		return updated;
	}

	private static ResilientTransactions template(ApplicationContext context) {
		return context.getBean(ResilientTransactions.class);
	}

	private static void run(ContextConsumer<AssertableApplicationContext> test, String... properties) {
		world.runner().withPropertyValues(properties).run(test);
	}

}
