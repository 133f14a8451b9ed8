// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.monitor;

import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

import io.github.dbresilience.testing.PostgresServer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A server is killed and started again under load, again and again.
 */
class RecoveryIT {

	private static final int RESTARTS = Integer.getInteger("db.resilience.recovery.restarts", 20);

	private static final int CLIENTS = 8;

	@Test
	void theFirstRequestSucceedsWithinASecondOfTheServersReturn() throws Exception {
		Times first = new Times("first success after the server's return");
		Times last = new Times("success of the last client");
		long mostConnects = 0;
		try (PostgresServer server = PostgresServer.create();
				MonitoredApplication application = MonitoredApplication.start(server.jdbcUrl(), server.username(),
						server.password(), "db.resilience.retry.max-duration=20s")) {
			for (int restart = 0; restart < RESTARTS; restart++) {
				Awaitility.await().until(() -> application.snapshot().state() == DatabaseState.UP);
				try (Load load = new Load(application)) {
					server.killPostmasterAndBackends();
					Awaitility.await().until(() -> application.snapshot().state() == DatabaseState.DOWN);
					long connects = application.protection().openedConnections();
					server.start();
					awaitAnswer(server);
					long back = System.nanoTime();
					List<Duration> successes = load.successesSince(back);
					first.add(successes.get(0));
					last.add(successes.get(CLIENTS - 1));
					mostConnects = Math.max(mostConnects, application.protection().openedConnections() - connects);
				}
			}
		}
		first.print();
		last.print();
		System.out.printf("connections opened within the first second or so of a return: at most %d, by a pool of 10%n",
				mostConnects);
		assertThat(first.percentile(100)).isLessThan(Duration.ofSeconds(1));
		assertThat(mostConnects).isLessThanOrEqualTo(2 * CLIENTS);
	}

	private static void awaitAnswer(PostgresServer server) {
		Awaitility.await().pollDelay(Duration.ZERO).pollInterval(Duration.ofMillis(5)).until(() -> {
			try (var connection = server.connect()) {
				return connection.isValid(1);
			}
			catch (SQLException ex) {
				return false;
			}
		});
	}

	/**
	 * Clients that ask again and again.
	 */
	private static final class Load implements AutoCloseable {

		private final List<Thread> threads = new ArrayList<>();

		private final List<AtomicLong> lastSuccess = new ArrayList<>();

		private final AtomicBoolean over = new AtomicBoolean();

		Load(MonitoredApplication application) {
			for (int i = 0; i < CLIENTS; i++) {
				AtomicLong success = new AtomicLong(System.nanoTime());
				this.lastSuccess.add(success);
				Thread thread = new Thread(() -> ask(application, success));
				this.threads.add(thread);
				thread.start();
			}
		}

		private void ask(MonitoredApplication application, AtomicLong success) {
			while (!this.over.get()) {
				try {
					application.jdbc().queryForObject("select 1 from pg_sleep(0.005)", Integer.class);
					success.set(System.nanoTime());
				}
				catch (RuntimeException ex) {
					// What was in flight when the server was killed
				}
			}
		}

		/**
		 * How long after a moment each client had its first success, the earliest first.
		 */
		List<Duration> successesSince(long moment) {
			List<Duration> successes = new ArrayList<>();
			boolean[] seen = new boolean[CLIENTS];
			Awaitility.await().conditionEvaluationListener((condition) -> {
				if (!condition.isSatisfied() && condition.getRemainingTimeInMS() < 100) {
					tellWhoWaits();
				}
			}).pollDelay(Duration.ZERO).pollInterval(Duration.ofMillis(2)).until(() -> {
				for (int i = 0; i < CLIENTS; i++) {
					long at = this.lastSuccess.get(i).get();
					if (!seen[i] && at > moment) {
						seen[i] = true;
						successes.add(Duration.ofNanos(at - moment));
					}
				}
				return successes.size() == CLIENTS;
			});
			return successes;
		}

		private void tellWhoWaits() {
			Thread.getAllStackTraces().forEach((thread, stack) -> {
				if (this.threads.contains(thread) || thread.getName().matches("(Hikari|db-resilience).*")) {
					System.out.printf("%s:%n  %s%n", thread, Arrays.toString(stack).replace(", ", "\n  "));
				}
			});
		}

		@Override
		public void close() throws InterruptedException {
			this.over.set(true);
			for (Thread thread : this.threads) {
				thread.join();
			}
		}

	}

}
