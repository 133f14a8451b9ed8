// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.retry;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

import io.github.dbresilience.retry.RetriedTransactions.Failing;
import jakarta.persistence.Entity;
import jakarta.persistence.EntityManager;
import jakarta.persistence.EntityManagerFactory;
import jakarta.persistence.FetchType;
import jakarta.persistence.Id;
import jakarta.persistence.JoinColumn;
import jakarta.persistence.OneToMany;
import jakarta.persistence.Table;
import org.hibernate.resource.jdbc.spi.StatementInspector;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfigurationPackage;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.hibernate.autoconfigure.HibernateJpaAutoConfiguration;
import org.springframework.boot.hibernate.autoconfigure.HibernatePropertiesCustomizer;
import org.springframework.boot.persistence.autoconfigure.EntityScan;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.assertj.AssertableApplicationContext;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.context.runner.ContextConsumer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.data.jpa.repository.JpaRepository;
import org.springframework.data.jpa.repository.Modifying;
import org.springframework.data.jpa.repository.Query;
import org.springframework.data.jpa.repository.config.EnableJpaRepositories;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.orm.jpa.EntityManagerHolder;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.transaction.support.TransactionSynchronizationManager;

import static io.github.dbresilience.retry.RetriedTransactions.assertStatistics;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatException;

/**
 * JPA, its repositories, and persistence contexts that live longer than a transaction.
 */
class JpaRetryTests {

	private static RetriedTransactions world;

	@BeforeAll
	static void start() {
		world = new RetriedTransactions();
		world.sql("create table entry (id bigint primary key, account_id bigint); insert into entry values (7, 1)");
	}

	@AfterAll
	static void stop() {
		world.close();
	}

	@Test
	void notFoundOnAKilledSessionIsTriedAgainAndFound() {
		run((context) -> {
			Failing killed = world.killOnce(context);
			assertThat(context.getBean(Service.class).balance(2, killed)).isEqualTo(100);
			assertThat(killed.attempts()).isEqualTo(2);
		});
	}

	@Test
	void aChangeOnAKilledSessionHappensExactlyOnce() {
		run((context) -> {
			int before = world.balance(1);
			Failing killed = world.killOnce(context);
			context.getBean(Service.class).withdraw(1, 10, killed);
			assertThat(killed.attempts()).isEqualTo(2);
			assertThat(world.balance(1)).isEqualTo(before - 10);
		});
	}

	@Test
	void aFlushAtCommitThatMeetsAConflictIsTriedAgain() {
		run((context) -> {
			world.sql("""
					create function refuse_once() returns trigger language plpgsql as $$ begin
					if nextval('refusals') = 1 then raise exception 'once' using errcode = '40001'; end if;
					return new; end $$; create sequence refusals; grant all on sequence refusals to public;
					create trigger refuse_once before update on account
					for each row when (old.id = 2) execute function refuse_once()""");
			int before = world.balance(2);
			context.getBean(Service.class).withdraw(2, 10, () -> {
			});
			assertThat(world.balance(2)).isEqualTo(before - 10);
			assertStatistics(context, 1, 1, 0, 0);
			world.sql("drop trigger refuse_once on account");
		});
	}

	@Test
	void aRepositoryIsTriedAgain() {
		run(JpaRetryTests::assertRepositoryIsTriedAgain);
	}

	@Test
	void aRepositoryIsTriedAgainWithoutAspectJ() {
		application().withClassLoader(new FilteredClassLoader("org.aspectj"))
			.run(JpaRetryTests::assertRepositoryIsTriedAgain);
	}

	private static void assertRepositoryIsTriedAgain(AssertableApplicationContext context) {
		Accounts accounts = context.getBean(Accounts.class);
		Faults faults = context.getBean(Faults.class);
		int before = world.balance(1);
		faults.arm();
		assertThat(accounts.count()).isEqualTo(2);
		assertThat(faults.seen()).isEqualTo(2);
		faults.arm();
		assertThat(accounts.add(1, 5)).isEqualTo(1);
		assertThat(faults.seen()).isEqualTo(2);
		assertThat(world.balance(1)).isEqualTo(before + 5);
		assertStatistics(context, 2, 2, 0, 0);
	}

	@Test
	void anEntityManagerOfTheRequestIsReplacedAndLazyLoadingGoesOn() {
		run((context) -> {
			EntityManagerFactory factory = context.getBean(EntityManagerFactory.class);
			EntityManager ofTheRequest = factory.createEntityManager();
			TransactionSynchronizationManager.bindResource(factory, new EntityManagerHolder(ofTheRequest));
			try {
				// From here on the request keeps its connection
				ofTheRequest.find(Account.class, 2L);
				Failing killed = world.killOnce(context);
				Account account = context.getBean(Service.class).withdraw(1, 10, killed);
				assertThat(killed.attempts()).isEqualTo(2);
				assertThat(account.entries).hasSize(1);
				assertThat(ofTheRequest.isOpen()).isFalse();
			}
			finally {
				EntityManagerHolder bound = (EntityManagerHolder) TransactionSynchronizationManager
					.unbindResource(factory);
				bound.getEntityManager().close();
			}
		});
	}

	@Test
	void changesThatTheRequestMadeBeforeAreNotLostByAnotherAttempt() {
		run((context) -> {
			EntityManagerFactory factory = context.getBean(EntityManagerFactory.class);
			EntityManager ofTheRequest = factory.createEntityManager();
			TransactionSynchronizationManager.bindResource(factory, new EntityManagerHolder(ofTheRequest));
			try {
				ofTheRequest.find(Account.class, 2L).balance += 7;
				Failing killed = world.killOnce(context);
				assertThatException().isThrownBy(() -> context.getBean(Service.class).withdraw(1, 10, killed));
				assertThat(killed.attempts()).isEqualTo(1);
			}
			finally {
				EntityManagerHolder bound = (EntityManagerHolder) TransactionSynchronizationManager
					.unbindResource(factory);
				bound.getEntityManager().close();
			}
		});
	}

	@Test
	void anEntityManagerOfTheRequestIsUsableAfterAFailure() {
		run((context) -> {
			EntityManagerFactory factory = context.getBean(EntityManagerFactory.class);
			TransactionSynchronizationManager.bindResource(factory,
					new EntityManagerHolder(factory.createEntityManager()));
			try {
				Failing always = Failing.always(() -> world.kill(context.getBean(JdbcTemplate.class)));
				assertThatException().isThrownBy(() -> context.getBean(Service.class).withdraw(1, 10, always));
				assertThat(always.attempts()).isEqualTo(5);
				assertThat(context.getBean(Accounts.class).findById(2L)).isPresent();
			}
			finally {
				EntityManagerHolder bound = (EntityManagerHolder) TransactionSynchronizationManager
					.unbindResource(factory);
				bound.getEntityManager().close();
			}
		});
	}

	private static void run(ContextConsumer<AssertableApplicationContext> test) {
		application().withBean(Service.class).run(test);
	}

	private static ApplicationContextRunner application() {
		return world.runner()
			.withConfiguration(AutoConfigurations.of(HibernateJpaAutoConfiguration.class))
			.withUserConfiguration(Jpa.class);
	}

	@Configuration(proxyBeanMethods = false)
	@AutoConfigurationPackage
	@EntityScan(basePackageClasses = JpaRetryTests.class)
	@EnableJpaRepositories(considerNestedRepositories = true)
	static class Jpa {

		@Bean
		Faults faults(ObjectProvider<JdbcTemplate> jdbc) {
			return new Faults(jdbc);
		}

		@Bean
		HibernatePropertiesCustomizer inspector(Faults faults) {
			return (properties) -> properties.put("hibernate.session_factory.statement_inspector",
					(StatementInspector) faults::inspect);
		}

	}

	/**
	 * Ends the session right before its next statement.
	 */
	static class Faults {

		private final AtomicInteger seen = new AtomicInteger();

		private final ObjectProvider<JdbcTemplate> jdbc;

		private volatile boolean armed;

		Faults(ObjectProvider<JdbcTemplate> jdbc) {
			this.jdbc = jdbc;
		}

		void arm() {
			this.seen.set(0);
			this.armed = true;
		}

		int seen() {
			return this.seen.get();
		}

		String inspect(String sql) {
			this.seen.incrementAndGet();
			if (this.armed) {
				this.armed = false;
				world.kill(this.jdbc.getObject());
			}
			return sql;
		}

	}

	/**
	 * An entity.
	 */
	@Entity
	@Table(name = "account")
	public static class Account {

		@Id
		Long id;

		int balance;

		@OneToMany(fetch = FetchType.LAZY)
		@JoinColumn(name = "account_id")
		List<Entry> entries = new ArrayList<>();

	}

	@Entity
	@Table(name = "entry")
	static class Entry {

		@Id
		Long id;

	}

	@RetryableTransaction
	public interface Accounts extends JpaRepository<Account, Long> {

		@Modifying
		@Transactional
		@Query("update JpaRetryTests$Account a set a.balance = a.balance + :amount where a.id = :id")
		int add(long id, int amount);

	}

	@RetryableTransaction
	static class Service {

		private final EntityManager entities;

		Service(EntityManager entities) {
			this.entities = entities;
		}

		@Transactional(readOnly = true)
		public int balance(long id, Runnable fault) {
			fault.run();
			Account account = this.entities.find(Account.class, id);
			return (account != null) ? account.balance : -1;
		}

		@Transactional
		public Account withdraw(long id, int amount, Runnable fault) {
			Account account = this.entities.find(Account.class, id);
			fault.run();
			account.balance -= amount;
			return account;
		}

	}

}
