// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.chaos;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;

import io.github.dbresilience.testing.FaultProxy;
import io.github.dbresilience.testing.PostgresServer;
import io.github.dbresilience.testing.PrimaryAndStandby;
import org.jspecify.annotations.Nullable;

/**
 * Failovers. Before the next one, the dead primary is looked at on its own and rebuilt as
 * the new standby.
 */
final class FailoverFaults {

	private final PrimaryAndStandby servers;

	private final FaultProxy proxy;

	private final Remains remains;

	private @Nullable PostgresServer dead;

	/**
	 * Prepares failovers.
	 * @param servers the servers
	 * @param proxy the way to the primary
	 * @param remains takes what dead primaries hold
	 */
	FailoverFaults(PrimaryAndStandby servers, FaultProxy proxy, Remains remains) {
		this.servers = servers;
		this.proxy = proxy;
		this.remains = remains;
	}

	/**
	 * Failovers with synchronous replication.
	 * @return faults
	 */
	List<Fault> synchronous() {
		return List.of(new Fault("failover", (random, hit) -> {
			rebuild();
			hit.run();
			failOver();
		}), new Fault("failover in the wait for the standby", (random, hit) -> {
			rebuild();
			this.servers.holdReplication();
			Pause.between(50, 300, random);
			hit.run();
			failOver();
		}));
	}

	/**
	 * Failovers with asynchronous replication.
	 * @return faults
	 */
	List<Fault> asynchronous() {
		return List.of(new Fault("asynchronous failover", (random, hit) -> {
			rebuild();
			hit.run();
			failOver();
		}), new Fault("failover, standby behind", (random, hit) -> {
			rebuild();
			this.servers.holdReplication();
			Pause.between(50, 300, random);
			hit.run();
			failOver();
		}));
	}

	private void failOver() {
		this.dead = this.servers.primary();
		this.servers.killPrimary();
		this.proxy.retarget(this.servers.promote());
	}

	private void rebuild() throws SQLException {
		if (this.dead != null) {
			examine();
			this.servers.rebuild();
		}
	}

	/**
	 * Looks at what the dead primary holds, if there is one.
	 * @throws SQLException if it does not say
	 */
	void examine() throws SQLException {
		PostgresServer dead = this.dead;
		this.dead = null;
		if (dead != null) {
			dead.start();
			try (Connection connection = dead.connect()) {
				this.remains.add(LedgerTables.read(connection));
			}
			dead.stop();
		}
	}

}
