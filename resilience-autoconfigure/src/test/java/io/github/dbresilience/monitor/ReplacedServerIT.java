// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.monitor;

import java.nio.file.Files;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;

import io.github.dbresilience.testing.FaultProxy;
import io.github.dbresilience.testing.PostgresServer;
import io.github.dbresilience.testing.PrimaryAndStandby;
import io.github.dbresilience.testing.PrimaryAndStandby.Replication;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

/**
 * Behind one address another primary takes the place of the one before, without a
 * promotion: a copy that was started as it is. The connections to the one before stay
 * open, as where a virtual IP moves.
 */
class ReplacedServerIT {

	@Test
	void whatIsInFlightOnTheServerBeforeIsEnded() throws Exception {
		try (PrimaryAndStandby pair = PrimaryAndStandby.start(Replication.ASYNCHRONOUS);
				FaultProxy proxy = FaultProxy.to(pair.primary())) {
			PostgresServer before = pair.primary();
			try (MonitoredApplication application = MonitoredApplication.start(proxy.jdbcUrl(), before.username(),
					before.password(), "db.resilience.health.sample-interval=1s")) {
				assertThat(portOfServer(application)).isEqualTo(before.port());
				CompletableFuture<Integer> inFlight = CompletableFuture.supplyAsync(() -> sleep(application));
				PostgresServer after = makePrimary(pair.standby());
				proxy.retarget(after);
				Throwable failure = catchThrowable(() -> inFlight.get(30, TimeUnit.SECONDS));
				assertThat(failure)
					.hasStackTraceContaining("another server has taken the place of the one that it was connected to");
				assertThat(portOfServer(application)).isEqualTo(after.port());
				assertThat(application.monitor().events().newestFirst()).extracting(MonitorEvent::kind)
					.contains(MonitorEvent.Kind.ABORTED);
			}
		}
	}

	/**
	 * A standby that is started without its signal goes on as a primary of the same
	 * timeline.
	 */
	private static PostgresServer makePrimary(PostgresServer standby) throws Exception {
		standby.stop();
		Files.delete(standby.dataDirectory().resolve("standby.signal"));
		standby.start();
		return standby;
	}

	private static int portOfServer(MonitoredApplication application) {
		Integer port = application.jdbc().queryForObject("select inet_server_port()", Integer.class);
		return (port != null) ? port : 0;
	}

	private static int sleep(MonitoredApplication application) {
		try (Connection connection = application.dataSource().getConnection();
				var row = connection.createStatement().executeQuery("select 1 from pg_sleep(60)")) {
			row.next();
			return row.getInt(1);
		}
		catch (SQLException ex) {
			throw new CompletionException(ex);
		}
	}

}
