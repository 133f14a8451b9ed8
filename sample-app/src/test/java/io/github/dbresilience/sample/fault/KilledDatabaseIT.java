// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.sample.fault;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

import io.github.dbresilience.testing.PostgresServer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The postmaster and all its backends are killed under load, and the server is started
 * again three seconds later.
 */
@ExtendWith(OutputCaptureExtension.class)
class KilledDatabaseIT {

	private static final Duration DEADLINE = Duration.ofSeconds(15);

	@Test
	void requestsSucceedLateOrAreToldAndAllIsWellWithinASecond(CapturedOutput output) throws Exception {
		try (PostgresServer server = PostgresServer.create();
				RunningSample sample = RunningSample.on(server);
				TransferLoad load = TransferLoad.start(sample, 8)) {
			long back = killAndRestart(server, load);
			Duration recovery = load.firstSuccessAfter(back);
			System.out.printf("first success %d ms after the server answered, statuses %s, longest request %d ms%n",
					recovery.toMillis(), load.countByStatus(), load.longest().toMillis());
			assertThat(recovery).isLessThan(Duration.ofSeconds(1));
			assertThat(load.longest()).isLessThan(DEADLINE.plusSeconds(5));
			assertThat(output.getOut()).contains("circuit breaker CLOSED -> OPEN")
				.contains("circuit breaker OPEN -> CLOSED");
			assertThat(sample.meter("db_resilience_circuit_breaker_state")).isZero();
			load.stop();
			load.assertHonest();
		}
	}

	@Test
	void inModeMonitoringNothingIsRejected() throws Exception {
		try (PostgresServer server = PostgresServer.create();
				RunningSample sample = RunningSample.on(server, "db.resilience.circuit-breaker.mode=monitoring");
				TransferLoad load = TransferLoad.start(sample, 8)) {
			killAndRestart(server, load);
			assertThat(sample.meter("db_resilience_circuit_breaker_would_have_opened_total")).isPositive();
			assertThat(sample.get("/actuator/dbresilience/dataSource").body()).contains("\"rejected\":0");
			load.stop();
			load.assertHonest();
		}
	}

	/**
	 * Returns when the server answered again, in nanoseconds, after the load runs again.
	 */
	private static long killAndRestart(PostgresServer server, TransferLoad load) {
		Awaitility.await().until(() -> load.countByStatus().getOrDefault(201, 0L) > 100);
		server.killPostmasterAndBackends();
		CompletableFuture.runAsync(() -> {
		}, CompletableFuture.delayedExecutor(3, TimeUnit.SECONDS)).join();
		server.start();
		long back = System.nanoTime();
		Awaitility.await().atMost(Duration.ofSeconds(30)).until(() -> load.succeededSince(back) > 100);
		return back;
	}

}
