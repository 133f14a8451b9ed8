// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.retry;

import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.util.List;
import java.util.concurrent.CompletableFuture;

import io.github.dbresilience.retry.RetriedTransactions.Failing;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.boot.test.context.assertj.AssertableApplicationContext;
import org.springframework.boot.test.context.runner.ContextConsumer;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ApplicationContext;
import org.springframework.dao.CannotAcquireLockException;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;

import static io.github.dbresilience.retry.RetriedTransactions.raising;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatException;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * What must not be done again, although the database failed it.
 */
@Timeout(60)
@ExtendWith(OutputCaptureExtension.class)
class NotRepeatedTests {

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
	void aPartThatIsCommittedIsNotRepeated() {
		run((context) -> {
			int notes = world.number("select count(*) from audit");
			Failing killed = world.killOnce(context);
			assertThatExceptionOfType(DataAccessException.class)
				.isThrownBy(() -> service(context).auditedFirst(killed));
			assertThat(killed.attempts()).isEqualTo(1);
			assertThat(world.number("select count(*) from audit")).isEqualTo(notes + 1);
			assertThat(RetriedTransactions.statistics(context).refusedCount()).isEqualTo(1);
		});
	}

	@Test
	void whatWasWrittenOutsideTheTransactionIsNotRepeated() {
		run((context) -> {
			int notes = world.number("select count(*) from audit");
			Failing killed = world.killOnce(context);
			assertThatExceptionOfType(DataAccessException.class)
				.isThrownBy(() -> service(context).notedOutsideFirst(killed));
			assertThat(killed.attempts()).isEqualTo(1);
			assertThat(world.number("select count(*) from audit")).isEqualTo(notes + 1);
		});
	}

	@Test
	void whatWasCommittedByTheTextOfAStatementIsNotRepeated() {
		run((context) -> {
			int notes = world.number("select count(*) from audit");
			Failing killed = world.killOnce(context);
			assertThatExceptionOfType(DataAccessException.class)
				.isThrownBy(() -> service(context).committedByTextFirst(killed));
			assertThat(killed.attempts()).isEqualTo(1);
			assertThat(world.number("select count(*) from audit")).isEqualTo(notes + 1);
		});
	}

	@Test
	void aPartThatOnlyReadMayBeRepeated() {
		run((context) -> {
			Failing killed = world.killOnce(context);
			service(context).lookedUpFirst(killed);
			assertThat(killed.attempts()).isEqualTo(2);
		});
	}

	@Test
	void aTransactionIsNotRepeatedWhenWhatComesAfterItsCommitFails() {
		run((context) -> {
			int before = world.balance(1);
			assertThatExceptionOfType(CannotAcquireLockException.class)
				.isThrownBy(() -> service(context).withdraw(1, raising(context, "40001")));
			assertThat(world.balance(1)).isEqualTo(before - 1);
		});
	}

	@Test
	void aTransactionWhoseCommitWasLostIsNotRepeatedAndSaysSo() {
		run((context) -> {
			CompletableFuture<Integer> ended = world.endSessionOnceIn("COMMIT");
			Failing counted = Failing.times(0, () -> {
			});
			assertThatExceptionOfType(TransactionOutcomeUnknownException.class)
				.isThrownBy(() -> service(context).slow(counted))
				.withMessageContaining("Service.slow")
				.havingRootCause()
				.withMessageContaining("terminating connection");
			assertThat(ended.join()).isEqualTo(1);
			assertThat(counted.attempts()).isEqualTo(1);
		}, "db.resilience.commit-outcome.strategy=off");
	}

	@Test
	void aLostCommitOfATransactionThatNobodyTriesAgainSaysSoToo() {
		run((context) -> {
			world.endSessionOnceIn("COMMIT");
			assertThatExceptionOfType(TransactionOutcomeUnknownException.class)
				.isThrownBy(() -> context.getBean(Audit.class).slow());
		}, "db.resilience.commit-outcome.strategy=off");
	}

	@Test
	void aWriteOutsideTheTransactionThatWasLostIsNotRepeated() {
		run((context) -> {
			world.endSessionOnceIn("pg_sleep(57)");
			Failing counted = Failing.times(0, () -> {
			});
			assertThatException().isThrownBy(() -> service(context).writesOutside(counted));
			assertThat(counted.attempts()).isEqualTo(1);
		});
	}

	@Test
	void anEntityIsNotGivenToASecondAttempt(CapturedOutput output) {
		run((context) -> {
			for (int i = 0; i < 2; i++) {
				Account account = new Account();
				assertThatException()
					.isThrownBy(() -> service(context).book(List.of(account), world.killOnce(context)));
				assertThat(account.balance).isEqualTo(-10);
			}
			assertThat(output).containsOnlyOnce("is given the entity Account");
			Account account = new Account();
			Failing killed = world.killOnce(context);
			service(context).look(account, killed);
			assertThat(killed.attempts()).isEqualTo(2);
		});
	}

	@Test
	void aStreamIsNotGivenToASecondAttempt(CapturedOutput output) {
		run((context) -> {
			Failing killed = world.killOnce(context);
			assertThatException()
				.isThrownBy(() -> service(context).store(new ByteArrayInputStream(new byte[10]), killed));
			assertThat(killed.attempts()).isEqualTo(1);
			assertThat(output).contains("can be read only once");
		});
	}

	private static Service service(ApplicationContext context) {
		return context.getBean(Service.class);
	}

	private static void run(ContextConsumer<AssertableApplicationContext> test, String... properties) {
		world.runner().withBean(Service.class).withBean(Audit.class).withPropertyValues(properties).run(test);
	}

	/**
	 * An entity.
	 */
	@Entity
	static class Account {

		@Id
		Long id;

		int balance;

	}

	/**
	 * A service.
	 */
	@RetryableTransaction
	static class Service {

		private final JdbcTemplate jdbc;

		private final Audit audit;

		Service(JdbcTemplate jdbc, Audit audit) {
			this.jdbc = jdbc;
			this.audit = audit;
		}

		@Transactional
		public void auditedFirst(Runnable fault) {
			this.audit.note();
			failing(fault);
		}

		@Transactional(readOnly = true)
		public void notedOutsideFirst(Runnable fault) {
			this.audit.noteAtOnce();
			failing(fault);
		}

		@Transactional
		public void committedByTextFirst(Runnable fault) {
			this.jdbc.update("insert into audit (note) values ('by text')");
			this.jdbc.execute("commit");
			failing(fault);
		}

		@Transactional
		public void lookedUpFirst(Runnable fault) {
			this.audit.count();
			failing(fault);
		}

		@Transactional
		public void withdraw(int amount, Runnable afterCommit) {
			this.jdbc.update("update account set balance = balance - ? where id = 1", amount);
			TransactionSynchronizationManager.registerSynchronization(new TransactionSynchronization() {
				@Override
				public void afterCommit() {
					afterCommit.run();
				}
			});
		}

		@Transactional
		public void slow(Runnable counter) {
			counter.run();
			this.jdbc.update("insert into slow values (1)");
		}

		@Transactional
		public void writesOutside(Runnable counter) {
			counter.run();
			this.audit.noteOutside();
		}

		@Transactional
		public void book(List<Account> accounts, Runnable fault) {
			accounts.forEach((account) -> account.balance -= 10);
			failing(fault);
		}

		@Transactional(readOnly = true)
		public void look(Account account, Runnable fault) {
			failing(fault);
		}

		@Transactional
		public void store(InputStream content, Runnable fault) {
			failing(fault);
		}

		private void failing(Runnable fault) {
			fault.run();
			this.jdbc.queryForObject("select 1", Integer.class);
		}

	}

	/**
	 * A service that has transactions of its own.
	 */
	static class Audit {

		private final JdbcTemplate jdbc;

		Audit(JdbcTemplate jdbc) {
			this.jdbc = jdbc;
		}

		@Transactional(propagation = Propagation.REQUIRES_NEW)
		public void note() {
			this.jdbc.update("insert into audit (note) values ('tried')");
		}

		@Transactional(propagation = Propagation.REQUIRES_NEW, readOnly = true)
		public int count() {
			return this.jdbc.queryForObject("select count(*) from audit", Integer.class);
		}

		@Transactional
		public void slow() {
			this.jdbc.update("insert into slow values (1)");
		}

		@Transactional(propagation = Propagation.NOT_SUPPORTED)
		public void noteAtOnce() {
			this.jdbc.update("insert into audit (note) values ('at once')");
		}

		@Transactional(propagation = Propagation.NOT_SUPPORTED)
		public void noteOutside() {
			this.jdbc.execute("insert into audit (note) select pg_sleep(57)::text");
		}

	}

}
