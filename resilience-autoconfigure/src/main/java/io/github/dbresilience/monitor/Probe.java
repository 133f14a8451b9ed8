// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.monitor;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;

import io.github.dbresilience.fault.Fault;
import io.github.dbresilience.fault.FaultClassifier;
import io.github.dbresilience.fault.Phase;
import io.github.dbresilience.topology.IdentityQuery;
import io.github.dbresilience.topology.ServerIdentity;
import org.jspecify.annotations.Nullable;

/**
 * Asks a server whether it is alive and who it is, in one round trip on a connection of
 * its own that it keeps. If that connection fails, a fresh one decides: a session that
 * was ended is no outage. Used by one thread.
 */
final class Probe implements AutoCloseable {

	private final Opener opener;

	private final IdentityQuery query;

	private final Watchdog watchdog;

	private final Duration timeout;

	private final Clock clock;

	private @Nullable Line line;

	private @Nullable Duration connectLatency;

	/**
	 * Creates a probe.
	 * @param opener opens its connections
	 * @param query asks the server who it is
	 * @param watchdog ends questions that are not answered
	 * @param timeout how long an answer may take
	 * @param clock tells when a probe ended
	 */
	Probe(Opener opener, IdentityQuery query, Watchdog watchdog, Duration timeout, Clock clock) {
		this.opener = opener;
		this.query = query;
		this.watchdog = watchdog;
		this.timeout = timeout;
		this.clock = clock;
	}

	/**
	 * Asks on the connection that is there, and on a fresh one if there is none or it
	 * fails.
	 */
	ProbeResult run() {
		Line kept = this.line;
		if (kept == null) {
			return fresh(Answer.NOT_ASKED);
		}
		try {
			return ask(kept, Answer.GIVEN, Answer.NOT_ASKED, null);
		}
		catch (SQLException ex) {
			close();
			return fresh(Answer.of(ex));
		}
	}

	/**
	 * Asks on a fresh connection, which then takes the place of the one that is there;
	 * that one is asked if no new one can be opened.
	 */
	ProbeResult renew() {
		Line kept = this.line;
		if (kept == null) {
			return fresh(Answer.NOT_ASKED);
		}
		this.line = null;
		ProbeResult result = fresh(Answer.NOT_ASKED);
		if (result.isAlive()) {
			Connections.closeQuietly(kept.connection());
			return result;
		}
		try {
			ProbeResult answered = ask(kept, Answer.GIVEN, result.fresh(), result.fault());
			this.line = kept;
			return answered;
		}
		catch (SQLException ex) {
			Connections.abort(kept.connection());
			return new ProbeResult(this.clock.instant(), Duration.ZERO, null, result.fault(), Answer.of(ex),
					result.fresh(), result.freshFault());
		}
	}

	private ProbeResult fresh(Answer established) {
		try {
			long start = System.nanoTime();
			Connection connection = this.opener.open();
			Line opened = new Line(connection, this.query.on(connection));
			this.line = opened;
			this.connectLatency = Duration.ofNanos(System.nanoTime() - start);
			return ask(opened, established, Answer.GIVEN, null);
		}
		catch (SQLException ex) {
			close();
			Fault fault = FaultClassifier.classify(ex, Phase.ACQUISITION);
			return new ProbeResult(this.clock.instant(), Duration.ZERO, null, fault, established, Answer.of(ex), fault);
		}
	}

	private ProbeResult ask(Line asked, Answer onKept, Answer onFresh, @Nullable Fault freshFault) throws SQLException {
		long start = System.nanoTime();
		ServerIdentity identity = this.watchdog.bounded(asked.connection(), this.timeout,
				(connection) -> asked.asker().ask());
		return new ProbeResult(this.clock.instant(), Duration.ofNanos(System.nanoTime() - start), identity, null,
				onKept, onFresh, freshFault);
	}

	/**
	 * The connection that is there.
	 * @return the connection, {@code null} if the last probe was not answered
	 */
	@Nullable Connection connection() {
		Line open = this.line;
		return (open != null) ? open.connection() : null;
	}

	/**
	 * How long it took to open the connection that is there.
	 */
	@Nullable Duration connectLatency() {
		return this.connectLatency;
	}

	@Override
	public void close() {
		Line open = this.line;
		this.line = null;
		if (open != null) {
			Connections.abort(open.connection());
		}
	}

	/**
	 * A connection and what is asked on it.
	 */
	private record Line(Connection connection, IdentityQuery.Asker asker) {

	}

	/**
	 * Opens a connection to the server, within a bounded time.
	 */
	@FunctionalInterface
	interface Opener {

		Connection open() throws SQLException;

	}

}
