// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.datasource;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;

import io.github.dbresilience.autoconfigure.DbResilienceAutoConfiguration;
import io.github.dbresilience.circuitbreaker.CircuitBreakerState;
import io.github.dbresilience.circuitbreaker.ResilientOperations;
import io.github.dbresilience.fault.CommitOutcomeUnknownException;
import io.github.dbresilience.fault.FaultClassifier;
import io.github.dbresilience.fault.FaultKind;
import io.github.dbresilience.fault.Phase;
import io.github.dbresilience.retry.RetryScope;
import io.github.resilience4j.springboot.circuitbreaker.autoconfigure.CircuitBreakerAutoConfiguration;
import io.github.resilience4j.springboot.timelimiter.autoconfigure.TimeLimiterAutoConfiguration;
import io.github.dbresilience.testing.PostgresServer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.cloud.circuitbreaker.resilience4j.Resilience4JAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceTransactionManagerAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.JdbcTemplateAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.transaction.autoconfigure.TransactionAutoConfiguration;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;
import org.springframework.transaction.support.TransactionTemplate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatException;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatNoException;

/**
 * Sessions that are really ended before and while COMMIT runs.
 */
class LostCommitTests {

	private static PostgresServer server;

	private final ApplicationContextRunner runner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(DataSourceAutoConfiguration.class, JdbcTemplateAutoConfiguration.class,
				DataSourceTransactionManagerAutoConfiguration.class, TransactionAutoConfiguration.class,
				DbResilienceAutoConfiguration.class, CircuitBreakerAutoConfiguration.class,
				TimeLimiterAutoConfiguration.class, Resilience4JAutoConfiguration.class))
		.withPropertyValues("spring.datasource.url=" + server.jdbcUrl(),
				"spring.datasource.username=" + server.username(), "spring.datasource.password=" + server.password(),
				"spring.application.name=lost-commit", "db.resilience.commit-outcome.strategy=off",
				"spring.cloud.circuitbreaker.resilience4j.disable-thread-pool=true",
				"spring.cloud.circuitbreaker.bulkhead.resilience4j.enabled=false");

	@BeforeAll
	static void start() throws SQLException {
		server = PostgresServer.create();
		try (Connection connection = server.connect(); var statement = connection.createStatement()) {
			statement.execute("""
					create table slow (id int);
					grant all on slow to public;
					create function slow_commit() returns trigger language plpgsql as
					$$ begin perform pg_sleep(60); return null; end $$;
					create constraint trigger slow_commit after insert on slow
					deferrable initially deferred for each row execute function slow_commit();
					""");
		}
	}

	@AfterAll
	static void stop() {
		server.close();
	}

	@Test
	void aCommitWhoseAnswerWasLostIsUnknownAndNeverCalledRolledBack() {
		this.runner.run((context) -> {
			JdbcTemplate jdbc = context.getBean(JdbcTemplate.class);
			AtomicInteger completion = new AtomicInteger(-1);
			CompletableFuture<Integer> ended = endSessionOnceIn("COMMIT");
			assertThatException()
				.isThrownBy(() -> context.getBean(TransactionTemplate.class).executeWithoutResult((transaction) -> {
					TransactionSynchronizationManager.registerSynchronization(recording(completion));
					jdbc.update("insert into slow values (1)");
				}))
				.satisfies((ex) -> assertThat(FaultClassifier.find(ex, Phase.IN_TRANSACTION))
					.hasValueSatisfying((fault) -> assertThat(fault.kind()).isEqualTo(FaultKind.OUTCOME_UNKNOWN)))
				.withStackTraceContaining("terminating connection due to administrator command");
			assertThat(ended.join()).isEqualTo(1);
			assertThat(completion).hasValue(TransactionSynchronization.STATUS_UNKNOWN);
		});
	}

	@Test
	void switchingAutocommitOnIsACommit() {
		this.runner.run((context) -> {
			try (Connection connection = context.getBean(ResilientDataSource.class).getConnection()) {
				connection.setAutoCommit(false);
				connection.createStatement().execute("insert into slow values (2)");
				endSessionOnceIn("COMMIT");
				assertThatExceptionOfType(CommitOutcomeUnknownException.class)
					.isThrownBy(() -> connection.setAutoCommit(true));
			}
		});
	}

	@Test
	void cleaningUpAfterASessionThatBrokeBeforeCommitDoesNotHideTheCause() {
		this.runner.run((context) -> {
			ResilientDataSource dataSource = context.getBean(ResilientDataSource.class);
			Connection connection = dataSource.getConnection();
			connection.setAutoCommit(false);
			endSessionOnceIn("pg_sleep");
			assertThatExceptionOfType(SQLException.class)
				.isThrownBy(() -> connection.createStatement().execute("select pg_sleep(60)"))
				.satisfies((ex) -> assertThat(ex.getSQLState()).isEqualTo("57P01"));
			assertThatNoException().isThrownBy(connection::rollback);
			assertThatNoException().isThrownBy(() -> connection.setAutoCommit(true));
			assertThatNoException().isThrownBy(() -> connection.setReadOnly(true));
			assertThatExceptionOfType(SQLException.class).isThrownBy(connection::commit)
				.withMessageContaining("nothing was committed")
				.satisfies((ex) -> assertThat(ex.getSQLState()).isEqualTo("57P01"));
			connection.close();
			assertThat(connection.isClosed()).isTrue();
			assertThat(dataSource.protection().breaker().statistics().failureCount()).isEqualTo(1);
			assertThat(dataSource.protection().breaker().state()).isEqualTo(CircuitBreakerState.CLOSED);
		});
	}

	@Test
	void errorsOfTheApplicationNeverMoveTheBreakerAndAreNotRetried() {
		this.runner.run((context) -> {
			JdbcTemplate jdbc = context.getBean(JdbcTemplate.class);
			jdbc.execute("create table if not exists unique_ids (id int primary key)");
			jdbc.update("insert into unique_ids values (1)");
			Protection protection = context.getBean(ResilientDataSource.class).protection();
			for (int i = 0; i < 50; i++) {
				assertThatException().isThrownBy(() -> jdbc.update("insert into unique_ids values (1)"));
				assertThatException().isThrownBy(() -> jdbc.update("this is no SQL"));
				assertThatException().isThrownBy(() -> jdbc.queryForList("select * from pg_authid"));
			}
			assertThat(protection.breaker().statistics().failureCount()).isZero();
			assertThat(protection.breaker().consecutiveFailures()).isZero();
			assertThat(protection.breaker().state()).isEqualTo(CircuitBreakerState.CLOSED);
			assertThat(protection.acquisitions().retriesCount()).isZero();
		});
	}

	@Test
	void aWriteOutsideATransactionThatWasLostIsNotAnsweredByAFallback() {
		this.runner.run((context) -> {
			JdbcTemplate jdbc = context.getBean(JdbcTemplate.class);
			CompletableFuture<Integer> ended = endSessionOnceIn("insert into slow");
			assertThatException().isThrownBy(() -> context.getBean(ResilientOperations.class)
				.run("lost-write", () -> jdbc.update("insert into slow values (3)"), (failure) -> -1));
			assertThat(ended.join()).isEqualTo(1);
		});
	}

	@Test
	void aSessionThatIsFoundDeadWhenItsIsolationIsSetIsNoLostWrite() {
		this.runner.run((context) -> {
			JdbcTemplate jdbc = context.getBean(JdbcTemplate.class);
			try (Connection connection = context.getBean(ResilientDataSource.class).getConnection()) {
				connection.createStatement().execute("select 1");
				server.terminateBackendsOfApplication("lost-commit");
				RetryScope scope = new RetryScope();
				scope.run(() -> {
					try {
						assertThatExceptionOfType(SQLException.class)
							.isThrownBy(() -> connection.setTransactionIsolation(Connection.TRANSACTION_SERIALIZABLE));
						connection.close();
					}
					catch (SQLException ex) {
						throw new IllegalStateException(ex);
					}
					return null;
				});
				assertThat(scope.isOutcomeUnknown()).isFalse();
			}
			assertThat(jdbc.queryForObject("select 1", Integer.class)).isEqualTo(1);
		});
	}

	@Test
	void aReadInAReadOnlyTransactionThatWasLostIsAnsweredByTheFallback() {
		this.runner.run((context) -> {
			JdbcTemplate jdbc = context.getBean(JdbcTemplate.class);
			TransactionTemplate readOnly = new TransactionTemplate(context.getBean(PlatformTransactionManager.class));
			readOnly.setReadOnly(true);
			endSessionOnceIn("pg_sleep(59)");
			String answer = context.getBean(ResilientOperations.class)
				.run("lost-read",
						() -> readOnly.execute((status) -> jdbc.queryForObject("select pg_sleep(59)", String.class)),
						(failure) -> "fallback");
			assertThat(answer).isEqualTo("fallback");
		});
	}

	@Test
	void switchingAutocommitOnAfterASwallowedBreakIsNoSilentCommit() {
		this.runner.run((context) -> {
			try (Connection connection = context.getBean(ResilientDataSource.class).getConnection()) {
				connection.setAutoCommit(false);
				endSessionOnceIn("pg_sleep(58)");
				assertThatExceptionOfType(SQLException.class)
					.isThrownBy(() -> connection.createStatement().execute("select pg_sleep(58)"));
				assertThatExceptionOfType(SQLException.class).isThrownBy(() -> connection.setAutoCommit(true))
					.withMessageContaining("nothing was committed");
			}
		});
	}

	@Test
	void aCommitOfAFailedTransactionIsNotSilentlyARollback() {
		this.runner.run((context) -> {
			try (Connection connection = context.getBean(ResilientDataSource.class).getConnection()) {
				connection.setAutoCommit(false);
				connection.createStatement().execute("create temporary table swallowed (id int) on commit drop");
				assertThatExceptionOfType(SQLException.class)
					.isThrownBy(() -> connection.createStatement().execute("select 1/0"));
				assertThatExceptionOfType(SQLException.class).isThrownBy(connection::commit)
					.satisfies((ex) -> assertThat(ex.getSQLState()).isEqualTo("25P02"));
				connection.rollback();
				connection.createStatement().execute("select 1");
				connection.commit();
			}
		});
	}

	private static TransactionSynchronization recording(AtomicInteger completion) {
		return new TransactionSynchronization() {
			@Override
			public void afterCompletion(int status) {
				completion.set(status);
			}
		};
	}

	/**
	 * Ends the session that runs a statement, as soon as it runs.
	 */
	private static CompletableFuture<Integer> endSessionOnceIn(String statement) {
		return CompletableFuture.supplyAsync(() -> {
			try (Connection admin = server.connect(); var end = admin.prepareStatement("""
					select pg_terminate_backend(pid) from pg_stat_activity
					where application_name = 'lost-commit' and query like '%' || ? || '%' and state = 'active'
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

}
