// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.monitor;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;

import com.sun.management.ThreadMXBean;
import io.github.dbresilience.testing.PostgresServer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.postgresql.PGConnection;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Measures what a sample costs the application and the server, each on the processor that
 * it had. The figures of docs/monitoring.md are from here.
 */
@Timeout(300)
@EnabledOnOs(OS.LINUX)
class SamplerCostIT {

	private static final Logger logger = LoggerFactory.getLogger(SamplerCostIT.class);

	private static final int SAMPLES = Integer.getInteger("db.resilience.sampler-cost.samples", 30);

	private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();

	private final Sampler sampler = new Sampler("orders, db1:5432", Clock.systemUTC(), Duration.ofSeconds(3));

	@Test
	void theCostIsTold() throws SQLException, IOException {
		try (PostgresServer server = PostgresServer.create()) {
			try (Connection kept = server.connect()) {
				measure(kept, SAMPLES);
				tell("kept", measure(kept, SAMPLES), SAMPLES);
			}
			Cost fresh = new Cost(0, 0, 0, 0);
			for (int i = 0; i < SAMPLES; i++) {
				try (Connection connection = server.connect()) {
					fresh = fresh.plus(measure(connection, 1));
				}
			}
			tell("fresh", fresh, SAMPLES);
			assertThat(fresh.allocated() / SAMPLES).isLessThan(1024 * 1024);
		}
	}

	private Cost measure(Connection connection, int samples) throws SQLException, IOException {
		Path backend = Path.of("/proc", String.valueOf(connection.unwrap(PGConnection.class).getBackendPID()),
				"schedstat");
		long server = onProcessor(backend);
		long client = this.threads.getCurrentThreadCpuTime();
		long allocated = this.threads.getCurrentThreadAllocatedBytes();
		long query = 0;
		for (int i = 0; i < samples; i++) {
			query += this.sampler.take(connection, null).queryLatency().toNanos();
		}
		return new Cost(onProcessor(backend) - server, this.threads.getCurrentThreadCpuTime() - client,
				this.threads.getCurrentThreadAllocatedBytes() - allocated, query);
	}

	private static long onProcessor(Path schedstat) throws IOException {
		return Long.parseLong(Files.readString(schedstat).split(" ")[0]);
	}

	private static void tell(String connection, Cost cost, int samples) {
		logger.info(
				"A sample on a {} connection, mean of {}: server {} ms and application {} ms on the processor, "
						+ "{} KB allocated, catalog query {} ms",
				connection, samples, millis(cost.server() / samples), millis(cost.client() / samples),
				cost.allocated() / samples / 1024, millis(cost.query() / samples));
	}

	private static String millis(long nanos) {
		return String.valueOf(nanos / 10_000 / 100.0);
	}

	private record Cost(long server, long client, long allocated, long query) {

		Cost plus(Cost other) {
			return new Cost(this.server + other.server, this.client + other.client, this.allocated + other.allocated,
					this.query + other.query);
		}

	}

}
