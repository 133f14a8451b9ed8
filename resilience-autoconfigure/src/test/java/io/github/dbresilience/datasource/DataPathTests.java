// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.datasource;

import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

import com.zaxxer.hikari.HikariDataSource;
import io.github.dbresilience.circuitbreaker.CircuitBreakerSettings;
import io.github.dbresilience.circuitbreaker.CircuitBreakerState;
import io.github.dbresilience.commit.CommitOutcomeSettings;
import io.github.dbresilience.circuitbreaker.CircuitBreakers;
import io.github.dbresilience.retry.RetrySettings;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.postgresql.ds.PGSimpleDataSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

/**
 * The data path while nothing listens at the server's port.
 */
@Timeout(60)
class DataPathTests {

	@Test
	void theProbeIsNotHeldBackByAnOpenBreakerWhereThePoolHasADataSource() throws Exception {
		try (HikariDataSource pool = new HikariDataSource()) {
			pool.setDataSource(nowhere());
			pool.setInitializationFailTimeout(-1);
			Protection protection = protect(pool).protection();
			assertThat(catchThrowable(pool::getConnection)).isInstanceOf(SQLException.class);
			protection.breaker().open();
			CompletableFuture<Throwable> probe = CompletableFuture
				.supplyAsync(() -> catchThrowable(() -> protection.unpooled().open(Duration.ofSeconds(2), "monitor")));
			assertThat(probe.get(5, TimeUnit.SECONDS)).isInstanceOf(SQLException.class);
		}
	}

	@Test
	void callersOfAPoolThatCouldNotStartAreToldWithinTheirDeadline() throws Exception {
		try (HikariDataSource pool = new HikariDataSource()) {
			pool.setDataSource(nowhere());
			ResilientDataSource dataSource = protect(pool);
			ExecutorService callers = Executors.newFixedThreadPool(20);
			long start = System.nanoTime();
			List<Future<Duration>> waits = new ArrayList<>();
			for (int i = 0; i < 20; i++) {
				waits.add(callers.submit(() -> {
					assertThat(catchThrowable(dataSource::getConnection)).isInstanceOf(SQLException.class);
					return Duration.ofNanos(System.nanoTime() - start);
				}));
			}
			for (Future<Duration> wait : waits) {
				assertThat(wait.get()).isLessThan(Duration.ofSeconds(4));
			}
			callers.shutdown();
		}
	}

	@Test
	void errorsOfTheServersSystemOpenTheBreaker() {
		try (HikariDataSource pool = new HikariDataSource()) {
			pool.setDataSource(nowhere());
			Protection protection = protect(pool).protection();
			FaultTap tap = protection.tap(null);
			for (int i = 0; i < 20 && protection.breaker().state() == CircuitBreakerState.CLOSED; i++) {
				Lease lease = new Lease("db", protection.breaker().tryAcquire(), protection.lostSessions());
				tap.adjudicate(new SQLException("ERROR: could not read block", "58030"));
				lease.end();
			}
			assertThat(protection.breaker().state()).isEqualTo(CircuitBreakerState.OPEN);
		}
	}

	@Test
	void aPoolOfFixedSizeIsGivenNoIdleTimeoutThatItDoesNotUse() {
		try (HikariDataSource fixed = new HikariDataSource(); HikariDataSource elastic = new HikariDataSource()) {
			fixed.setDataSource(nowhere());
			fixed.setMaximumPoolSize(4);
			fixed.setMinimumIdle(4);
			fixed.setIdleTimeout(PoolProfile.API.idleTimeout().toMillis());
			protect(fixed);
			assertThat(fixed.getIdleTimeout()).isEqualTo(new HikariDataSource().getIdleTimeout());
			elastic.setDataSource(nowhere());
			protect(elastic);
			assertThat(elastic.getIdleTimeout()).isEqualTo(PoolProfile.API.idleTimeout().toMillis());
		}
	}

	private static ResilientDataSource protect(HikariDataSource pool) {
		RetrySettings retry = new RetrySettings(true, 5, Duration.ofMillis(100), 2, Duration.ofSeconds(10),
				RetrySettings.Jitter.FULL, Duration.ofSeconds(2), null, RetrySettings.Transactions.OFF,
				new RetrySettings.Budget(0.2, 10), RetrySettings.InsideTransaction.REFUSE);
		DataSourceSettings settings = new DataSourceSettings(PoolProfile.API, TlsMode.OFF, retry,
				CircuitBreakerSettings.defaults(),
				new StartupSettings(false, Duration.ZERO, StartupSettings.OnTimeout.CONTINUE),
				MonitorSettings.defaults(), CommitOutcomeSettings.defaults());
		ResilientDataSources dataSources = new ResilientDataSources(CircuitBreakers.standalone((event) -> {
		}), (name) -> settings, new PoolDefaults(null, (name, value) -> false));
		dataSources.prepare("db", pool);
		return dataSources.wrap("db", pool);
	}

	private static PGSimpleDataSource nowhere() {
		PGSimpleDataSource dataSource = new PGSimpleDataSource();
		dataSource.setServerNames(new String[] { "127.0.0.1" });
		dataSource.setPortNumbers(new int[] { 1 });
		return dataSource;
	}

}
