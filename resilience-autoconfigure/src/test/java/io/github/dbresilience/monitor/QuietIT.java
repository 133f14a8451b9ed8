// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.monitor;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

import io.github.dbresilience.testing.PostgresServer;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A healthy application tells nobody anything. Ten minutes each with
 * {@code -Ddb.resilience.quiet.seconds=600}.
 */
class QuietIT {

	private static final Duration TIME = Duration.ofSeconds(Integer.getInteger("db.resilience.quiet.seconds", 20));

	private static final String[] PROMPT = { "db.resilience.health.sample-interval=1s" };

	@Test
	void noAlertIsRaisedUnderFullLoad() throws Exception {
		AtomicLong ids = new AtomicLong();
		try (PostgresServer server = server(); MonitoredApplication application = start(server)) {
			application.jdbc().execute("create table work (id bigint)");
			try (WriteLoad load = new WriteLoad(10, ids, application.ledger()::write)) {
				load.awaitSuccesses(TIME);
				assertThat(load.failed).isEmpty();
			}
			assertThat(application.alerts()).isEmpty();
			System.out.printf("no alert within %d s under load, %d transactions%n", TIME.toSeconds(), ids.get());
		}
	}

	@Test
	void noAlertIsRaisedAtRest() throws Exception {
		try (PostgresServer server = server(); MonitoredApplication application = start(server)) {
			application.jdbc().queryForObject("select 1", Integer.class);
			assertThat(new CountDownLatch(1).await(TIME.toNanos(), TimeUnit.NANOSECONDS)).isFalse();
			assertThat(application.snapshot().state()).isEqualTo(DatabaseState.UP);
			assertThat(application.alerts()).isEmpty();
			System.out.printf("no alert within %d s at rest%n", TIME.toSeconds());
		}
	}

	private static PostgresServer server() {
		return PostgresServer.create();
	}

	private static MonitoredApplication start(PostgresServer server) {
		return MonitoredApplication.start(server.jdbcUrl(), server.username(), server.password(), PROMPT);
	}

}
