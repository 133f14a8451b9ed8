// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.monitor;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;

import io.github.dbresilience.testing.FaultProxy;
import io.github.dbresilience.testing.PostgresServer;
import io.github.dbresilience.testing.PrimaryAndStandby;
import io.github.dbresilience.testing.PrimaryAndStandby.Replication;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

/**
 * Behind one address, as behind a virtual IP, there is a standby for a while, and then
 * the primary again. The pool's connections to the standby stay alive and useless.
 */
class RoleChangeIT {

	@Test
	void thePoolLeavesAStandbyAsSoonAsThePrimaryIsBehindTheAddress() throws Exception {
		try (PrimaryAndStandby pair = PrimaryAndStandby.start(Replication.ASYNCHRONOUS);
				FaultProxy proxy = FaultProxy.to(pair.primary())) {
			PostgresServer first = pair.primary();
			try (Connection admin = first.connect(); var statement = admin.createStatement()) {
				statement.execute("create table work (id bigint)");
				statement.execute("grant all on work to public");
			}
			try (MonitoredApplication application = MonitoredApplication.start(proxy.jdbcUrl(), first.username(),
					first.password(), "db.resilience.retry.max-duration=2s")) {
				application.ledger().write(1);
				proxy.retarget(pair.standby());
				proxy.cut();
				Awaitility.await().until(() -> sqlStateOfWrite(application, 2).equals("25006"));
				Awaitility.await().until(() -> application.snapshot().state() == DatabaseState.READ_ONLY);
				proxy.retarget(pair.primary());
				long moved = System.nanoTime();
				Awaitility.await()
					.pollDelay(Duration.ZERO)
					.atMost(Duration.ofSeconds(10))
					.until(() -> sqlStateOfWrite(application, 3).isEmpty());
				System.out.printf("writes work %d ms after the address moved%n",
						Duration.ofNanos(System.nanoTime() - moved).toMillis());
				Awaitility.await().until(() -> application.snapshot().state() == DatabaseState.UP);
				assertThat(application.monitor().events().newestFirst()).extracting(MonitorEvent::kind)
					.contains(MonitorEvent.Kind.RECYCLED);
			}
		}
	}

	private static String sqlStateOfWrite(MonitoredApplication application, long id) {
		Throwable failure = catchThrowable(() -> application.ledger().write(id));
		for (Throwable t = failure; t != null; t = t.getCause()) {
			if (t instanceof SQLException ex && ex.getSQLState() != null) {
				return ex.getSQLState();
			}
		}
		return (failure == null) ? "" : String.valueOf(failure);
	}

}
