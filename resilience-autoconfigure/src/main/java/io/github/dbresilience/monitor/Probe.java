// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.monitor;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;

import io.github.dbresilience.datasource.UnpooledConnections;
import io.github.dbresilience.fault.FaultClassifier;
import io.github.dbresilience.fault.Phase;
import io.github.dbresilience.topology.ServerRole;
import org.jspecify.annotations.Nullable;

/**
 * Asks a server whether it is alive and in which role, in one round trip on a connection
 * of its own that it keeps. If that connection fails, a fresh one decides: a session that
 * was ended says nothing about the server. Used by one thread.
 */
final class Probe implements AutoCloseable {

	private static final String QUERY = "select pg_is_in_recovery()";

	private final UnpooledConnections connections;

	private final Duration timeout;

	private final Clock clock;

	private @Nullable Connection connection;

	Probe(UnpooledConnections connections, Duration timeout, Clock clock) {
		this.connections = connections;
		this.timeout = timeout;
		this.clock = clock;
	}

	ProbeResult run() {
		if (this.connection != null) {
			try {
				return ask(this.connection);
			}
			catch (SQLException ex) {
				close();
			}
		}
		try {
			Connection fresh = this.connections.open(this.timeout, "monitor");
			this.connection = fresh;
			return ask(fresh);
		}
		catch (SQLException ex) {
			close();
			return new ProbeResult(this.clock.instant(), Duration.ZERO, null,
					FaultClassifier.classify(ex, Phase.ACQUISITION));
		}
	}

	private ProbeResult ask(Connection established) throws SQLException {
		long start = System.nanoTime();
		try (Statement statement = established.createStatement(); ResultSet result = statement.executeQuery(QUERY)) {
			result.next();
			ServerRole role = result.getBoolean(1) ? ServerRole.STANDBY : ServerRole.PRIMARY;
			return new ProbeResult(this.clock.instant(), Duration.ofNanos(System.nanoTime() - start), role, null);
		}
	}

	@Override
	public void close() {
		Connection open = this.connection;
		this.connection = null;
		if (open != null) {
			try {
				open.abort(Runnable::run);
			}
			catch (SQLException ex) {
				// It is given up either way
			}
		}
	}

}
