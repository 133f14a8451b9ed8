// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.retry;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;

import io.github.dbresilience.autoconfigure.DbResilienceAutoConfiguration;
import io.github.dbresilience.autoconfigure.DbResilienceTransactionAutoConfiguration;
import io.github.dbresilience.datasource.ResilientDataSource;
import io.github.dbresilience.testing.TestDatabase;
import org.awaitility.Awaitility;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceTransactionManagerAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.JdbcTemplateAutoConfiguration;
import org.springframework.boot.test.context.assertj.AssertableApplicationContext;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.context.runner.ContextConsumer;
import org.springframework.boot.transaction.autoconfigure.TransactionAutoConfiguration;
import org.springframework.context.ApplicationContext;
import org.springframework.jdbc.core.JdbcTemplate;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A database with accounts, an application that uses it, and faults that are done to it.
 */
public final class RetriedTransactions implements AutoCloseable {

	private final TestDatabase database = TestDatabase.create();

	public RetriedTransactions() {
		sql("create table account (id int primary key, balance int not null); "
				+ "create table audit (id serial primary key, note text); insert into account values (1, 100), (2, 100)");
	}

	public ApplicationContextRunner runner() {
		return application().withPropertyValues(this.database.springProperties());
	}

	/**
	 * An application whose database is away.
	 */
	public static ApplicationContextRunner offline() {
		return application().withPropertyValues("spring.datasource.url=jdbc:postgresql://127.0.0.1:1/none",
				"db.resilience.startup.wait=false", "spring.datasource.hikari.connection-timeout=250");
	}

	private static ApplicationContextRunner application() {
		return new ApplicationContextRunner()
			.withConfiguration(
					AutoConfigurations.of(DataSourceAutoConfiguration.class, JdbcTemplateAutoConfiguration.class,
							DataSourceTransactionManagerAutoConfiguration.class, TransactionAutoConfiguration.class,
							DbResilienceAutoConfiguration.class, DbResilienceTransactionAutoConfiguration.class))
			.withPropertyValues("spring.datasource.hikari.maximum-pool-size=4",
					"spring.datasource.hikari.minimum-idle=0", "db.resilience.retry.initial-interval=5ms",
					"db.resilience.circuit-breaker.mode=disabled");
	}

	/**
	 * Runs a test with a context of its own.
	 */
	public void run(Class<?> service, ContextConsumer<AssertableApplicationContext> test, String... properties) {
		runner().withBean(service).withPropertyValues(properties).run(test);
	}

	/**
	 * Work that ends the session of its transaction the first time it is done.
	 */
	public Failing killOnce(ApplicationContext context) {
		return Failing.once(() -> kill(context.getBean(JdbcTemplate.class)));
	}

	public void sql(String statements) {
		try (Connection connection = this.database.connect(); var statement = connection.createStatement()) {
			statement.execute(statements);
		}
		catch (SQLException ex) {
			throw new IllegalStateException(ex);
		}
	}

	/**
	 * Ends the session of the calling thread's transaction.
	 */
	public void kill(JdbcTemplate jdbc) {
		Integer pid = jdbc.queryForObject("select pg_backend_pid()", Integer.class);
		try (Connection admin = this.database.connectAsAdmin();
				var end = admin.prepareStatement("select pg_terminate_backend(?, 15000)")) {
			end.setInt(1, pid);
			end.execute();
		}
		catch (SQLException ex) {
			throw new IllegalStateException(ex);
		}
	}

	/**
	 * Ends the session that runs a statement, as soon as it runs.
	 */
	public CompletableFuture<Integer> endSessionOnceIn(String statement) {
		return CompletableFuture.supplyAsync(() -> {
			try (Connection admin = this.database.connectAsAdmin(); var end = admin.prepareStatement("""
					select pg_terminate_backend(pid) from pg_stat_activity
					where datname = current_database() and query like '%' || ? || '%' and state = 'active'
					and pid <> pg_backend_pid()""")) {
				end.setString(1, statement);
				Awaitility.await().until(() -> {
					try (var result = end.executeQuery()) {
						return result.next();
					}
				});
				return 1;
			}
			catch (SQLException ex) {
				throw new IllegalStateException(ex);
			}
		});
	}

	public int balance(int id) {
		return number("select balance from account where id = " + id);
	}

	public int number(String query) {
		try (Connection connection = this.database.connect();
				var statement = connection.createStatement();
				var result = statement.executeQuery(query)) {
			result.next();
			return result.getInt(1);
		}
		catch (SQLException ex) {
			throw new IllegalStateException(ex);
		}
	}

	public static void assertStatistics(ApplicationContext context, long retries, long recovered, long exhausted,
			long refused) {
		RetryStatistics statistics = statistics(context);
		assertThat(statistics.retriesCount()).as("retries").isEqualTo(retries);
		assertThat(statistics.recoveredCount()).as("recovered").isEqualTo(recovered);
		assertThat(statistics.exhaustedCount()).as("exhausted").isEqualTo(exhausted);
		assertThat(statistics.refusedCount()).as("refused").isEqualTo(refused);
	}

	/**
	 * The server raises an error with a SQLState.
	 */
	public static Runnable raising(ApplicationContext context, String sqlState) {
		return () -> context.getBean(JdbcTemplate.class)
			.execute("do $$ begin raise exception 'raised by the test' using errcode = '" + sqlState + "'; end $$");
	}

	public static RetryStatistics statistics(ApplicationContext context) {
		return context.getBean(ResilientDataSource.class).protection().retryTarget().transactions();
	}

	@Override
	public void close() {
		this.database.close();
	}

	/**
	 * Work that fails the first times it is done.
	 */
	public static final class Failing implements Runnable {

		private final AtomicInteger attempts = new AtomicInteger();

		private final int times;

		private final Runnable fault;

		private Failing(int times, Runnable fault) {
			this.times = times;
			this.fault = fault;
		}

		public static Failing times(int times, Runnable fault) {
			return new Failing(times, fault);
		}

		public static Failing once(Runnable fault) {
			return times(1, fault);
		}

		public static Failing always(Runnable fault) {
			return times(Integer.MAX_VALUE, fault);
		}

		@Override
		public void run() {
			if (this.attempts.incrementAndGet() <= this.times) {
				this.fault.run();
			}
		}

		public int attempts() {
			return this.attempts.get();
		}

	}

}
