// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.monitor;

import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

import io.github.dbresilience.circuitbreaker.CircuitBreakerState;
import io.github.dbresilience.testing.FaultProxy;
import io.github.dbresilience.testing.PostgresServer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

/**
 * How soon the monitor notices what happened to a real server, and what becomes of those
 * who wait for it.
 */
class DetectionIT {

	private static final int ROUNDS = Integer.getInteger("db.resilience.detection.rounds", 3);

	private static final int CALLERS = 4;

	private static PostgresServer server;

	@BeforeAll
	static void start() {
		server = PostgresServer.builder().tls().start();
	}

	@AfterAll
	static void stop() {
		server.close();
	}

	@Test
	void aKilledServerIsNoticedWithinASecond() {
		Times times = new Times("killed server noticed");
		try (MonitoredApplication application = start(server.jdbcUrl())) {
			for (int round = 0; round < ROUNDS; round++) {
				awaitState(application, DatabaseState.UP);
				long killed = System.nanoTime();
				server.killPostmasterAndBackends();
				await(() -> application.snapshot().breaker().state() == CircuitBreakerState.OPEN);
				times.add(since(killed));
				assertThat(application.snapshot().state()).isEqualTo(DatabaseState.DOWN);
				server.start();
				await(() -> application.snapshot().breaker().state() == CircuitBreakerState.CLOSED);
			}
		}
		times.print();
		assertThat(times.percentile(100)).isLessThan(Duration.ofSeconds(1));
	}

	@ParameterizedTest
	@ValueSource(strings = { "disable", "require" })
	void whatIsInFlightOnABlackHoleIsGivenUp(String sslmode) throws Exception {
		Times detected = new Times("black hole noticed, sslmode=" + sslmode);
		Times back = new Times("threads back from a black hole, sslmode=" + sslmode);
		try (FaultProxy proxy = FaultProxy.to(server);
				MonitoredApplication application = start(proxy.jdbcUrl() + "?sslmode=" + sslmode)) {
			for (int round = 0; round < ROUNDS; round++) {
				awaitState(application, DatabaseState.UP);
				List<CompletableFuture<Throwable>> inFlight = callers(application, "select pg_sleep(60)");
				await(() -> sleepers() == CALLERS);
				long start = System.nanoTime();
				proxy.blackHole();
				await(() -> application.snapshot().state() == DatabaseState.UNREACHABLE);
				detected.add(since(start));
				for (CompletableFuture<Throwable> caller : inFlight) {
					assertThat(caller.get(10, TimeUnit.SECONDS)).rootCause().isInstanceOf(Exception.class);
					assertThat(causes(caller.get())).anyMatch((text) -> text.contains("has answered nobody for"));
				}
				back.add(since(start));
				assertThat(application.snapshot().breaker().state()).isEqualTo(CircuitBreakerState.OPEN);
				proxy.cut();
				proxy.heal();
				endSleepers();
				await(() -> works(application));
			}
		}
		detected.print();
		back.print();
		assertThat(back.percentile(100)).isLessThan(Duration.ofSeconds(5));
	}

	@Test
	void aServerThatHangsAsAWholeIsGivenUp() throws Exception {
		Times back = new Times("threads back from a server that hangs");
		try (MonitoredApplication application = start(server.jdbcUrl())) {
			for (int round = 0; round < ROUNDS; round++) {
				awaitState(application, DatabaseState.UP);
				List<CompletableFuture<Throwable>> inFlight = callers(application, "select pg_sleep(60)");
				await(() -> sleepers() == CALLERS);
				long start = System.nanoTime();
				server.pause();
				try {
					for (CompletableFuture<Throwable> caller : inFlight) {
						assertThat(caller.get(10, TimeUnit.SECONDS)).isNotNull();
					}
					back.add(since(start));
					assertThat(application.snapshot().state()).isEqualTo(DatabaseState.UNREACHABLE);
				}
				finally {
					server.resume();
				}
				endSleepers();
				await(() -> works(application));
			}
		}
		back.print();
		assertThat(back.percentile(100)).isLessThan(Duration.ofSeconds(5));
	}

	@Test
	void workInFlightIsLeftAloneWhereOnlyThePostmasterHangs() throws Exception {
		try (MonitoredApplication application = start(server.jdbcUrl(), "db.resilience.health.sample-interval=2s")) {
			awaitState(application, DatabaseState.UP);
			List<CompletableFuture<Throwable>> inFlight = callers(application, "select pg_sleep(8)");
			await(() -> sleepers() == CALLERS);
			long start = System.nanoTime();
			server.pausePostmaster();
			try {
				awaitState(application, DatabaseState.NO_NEW_CONNECTIONS);
				System.out.printf("hanging postmaster reported after %d ms%n", since(start).toMillis());
				for (CompletableFuture<Throwable> caller : inFlight) {
					assertThat(caller.get(20, TimeUnit.SECONDS)).isNull();
				}
				assertThat(works(application)).isTrue();
			}
			finally {
				server.resume();
			}
			awaitState(application, DatabaseState.UP);
			assertThat(application.snapshot().explanation()).isEqualTo("answers");
		}
	}

	@Test
	void aSlowQueryOnAHealthyServerIsNeverAborted() throws Exception {
		try (MonitoredApplication application = start(server.jdbcUrl(), "db.resilience.health.abort-hung=1s",
				"db.resilience.health.sample-interval=1s")) {
			for (CompletableFuture<Throwable> caller : callers(application, "select pg_sleep(10)")) {
				assertThat(caller.get(30, TimeUnit.SECONDS)).isNull();
			}
			assertThat(application.monitor().events().newestFirst()).extracting(MonitorEvent::kind)
				.doesNotContain(MonitorEvent.Kind.ABORTED);
		}
	}

	private static MonitoredApplication start(String url, String... properties) {
		return MonitoredApplication.start(url, server.username(), server.password(), properties);
	}

	private static List<CompletableFuture<Throwable>> callers(MonitoredApplication application, String sql) {
		List<CompletableFuture<Throwable>> callers = new ArrayList<>();
		for (int i = 0; i < CALLERS; i++) {
			CompletableFuture<Throwable> caller = new CompletableFuture<>();
			Thread thread = new Thread(() -> caller.complete(catchThrowable(() -> application.jdbc().execute(sql))));
			thread.setDaemon(true);
			thread.start();
			callers.add(caller);
		}
		return callers;
	}

	private static int sleepers() {
		try (var admin = server.connect();
				var row = admin.createStatement()
					.executeQuery("select count(*) from pg_stat_activity where wait_event = 'PgSleep'")) {
			row.next();
			return row.getInt(1);
		}
		catch (SQLException ex) {
			throw new IllegalStateException(ex);
		}
	}

	/**
	 * A session that sleeps does not notice that its client is gone.
	 */
	private static void endSleepers() throws SQLException {
		try (var admin = server.connect(); var statement = admin.createStatement()) {
			statement
				.execute("select pg_terminate_backend(pid, 5000) from pg_stat_activity where wait_event = 'PgSleep'");
		}
	}

	private static boolean works(MonitoredApplication application) {
		return catchThrowable(() -> application.jdbc().queryForObject("select 1", Integer.class)) == null;
	}

	private static List<String> causes(Throwable failure) {
		List<String> texts = new ArrayList<>();
		for (Throwable t = failure; t != null; t = t.getCause()) {
			texts.add(String.valueOf(t.getMessage()));
			for (Throwable suppressed : t.getSuppressed()) {
				texts.add(String.valueOf(suppressed.getMessage()));
			}
		}
		return texts;
	}

	private static void awaitState(MonitoredApplication application, DatabaseState state) {
		await(() -> application.snapshot().state() == state);
	}

	private static void await(Callable<Boolean> condition) {
		Awaitility.await()
			.pollDelay(Duration.ZERO)
			.pollInterval(Duration.ofMillis(10))
			.atMost(Duration.ofSeconds(20))
			.until(condition);
	}

	private static Duration since(long start) {
		return Duration.ofNanos(System.nanoTime() - start);
	}

}
