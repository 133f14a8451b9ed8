// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.datasource;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.WeakHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Predicate;

import io.github.dbresilience.commit.ServerSession;
import io.github.dbresilience.topology.ServerAddress;
import io.github.dbresilience.topology.ServerIdentity;
import org.jspecify.annotations.Nullable;
import org.postgresql.jdbc.PgConnection;
import org.postgresql.util.HostSpec;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The server's sessions behind the open connections of a pool. Thread-safe.
 */
final class ServerSessions {

	private static final Logger logger = LoggerFactory.getLogger(ServerSessions.class);

	/** The driver's default, which is changed only where nobody else has changed it. */
	private static final int DEFAULT_PREPARE_THRESHOLD = 5;

	private final Map<PgConnection, PooledSession> sessions = Collections.synchronizedMap(new WeakHashMap<>());

	private final Aborter aborter = new Aborter();

	private final LongAdder opened = new LongAdder();

	private final String dataSource;

	private final ServerChoice choice;

	private volatile boolean known;

	private volatile boolean pooler;

	ServerSessions(String dataSource, ServerChoice choice) {
		this.dataSource = dataSource;
		this.choice = choice;
	}

	/**
	 * Notes a connection that was just opened, and refuses it if it leads to a stale
	 * primary. Behind a pooler it is told to prepare nothing on the server: the next
	 * transaction may be another session's.
	 */
	Connection opened(Connection connection) throws SQLException {
		this.opened.increment();
		if (!connection.isWrapperFor(PgConnection.class)) {
			return connection;
		}
		PgConnection driver = connection.unwrap(PgConnection.class);
		ServerSession session = session(driver, connection);
		boolean direct = session != null && session.direct();
		ServerIdentity identity = identity(driver, connection);
		// Known before it is checked: whoever raises the fence meanwhile finds it
		this.sessions.put(driver, new PooledSession(addressOf(driver), session, direct ? identity : null));
		if (session != null) {
			this.known = true;
			if (!direct) {
				behindPooler(driver);
			}
		}
		if (identity != null) {
			this.choice.fence().saw(identity);
			refuseStale(driver, identity);
		}
		return connection;
	}

	private void refuseStale(PgConnection driver, ServerIdentity identity) throws SQLException {
		if (this.choice.fence().isStale(identity)) {
			this.sessions.remove(driver);
			this.aborter.abort(driver);
			throw new SQLTransientConnectionException(
					this.dataSource + " - " + ServerChoice.refusal(identity, this.choice.fence()), "08001");
		}
	}

	private @Nullable ServerSession session(PgConnection driver, Connection connection) throws SQLException {
		try {
			return ServerSession.of(connection);
		}
		catch (SQLException ex) {
			return unknown(driver, ex);
		}
	}

	private @Nullable ServerIdentity identity(PgConnection driver, Connection connection) throws SQLException {
		try {
			return this.choice.identity().of(connection);
		}
		catch (SQLException ex) {
			return unknown(driver, ex);
		}
	}

	private <T> @Nullable T unknown(PgConnection driver, SQLException failure) throws SQLException {
		if (driver.isClosed()) {
			throw failure;
		}
		logger.debug("{} - the server's end of a new connection is not known", this.dataSource, failure);
		return null;
	}

	private static ServerAddress addressOf(PgConnection driver) {
		HostSpec host = driver.getQueryExecutor().getHostSpec();
		return new ServerAddress(host.getHost(), host.getPort());
	}

	private void behindPooler(PgConnection driver) {
		if (!this.pooler) {
			this.pooler = true;
			logger.info("{} - the server is behind a connection pooler: statements are not prepared on the server",
					this.dataSource);
		}
		if (driver.getPrepareThreshold() == DEFAULT_PREPARE_THRESHOLD) {
			driver.setPrepareThreshold(0);
		}
	}

	/**
	 * The session of a connection.
	 * @return the session, {@code null} if it is not known
	 */
	@Nullable ServerSession of(PgConnection driver) {
		PooledSession known = this.sessions.get(driver);
		return (known != null) ? known.session() : null;
	}

	/**
	 * Ends connections at once, whoever uses them: their sockets are closed, and threads
	 * that wait for an answer get an exception.
	 * @param which those to end
	 * @return how many
	 */
	int abort(Predicate<PooledSession> which) {
		List<PgConnection> chosen = new ArrayList<>();
		synchronized (this.sessions) {
			this.sessions.forEach((driver, session) -> {
				if (which.test(session)) {
					chosen.add(driver);
				}
			});
		}
		int count = 0;
		for (PgConnection driver : chosen) {
			count += this.aborter.abort(driver) ? 1 : 0;
		}
		return count;
	}

	/**
	 * Whether the session behind a connection stays the same, as far as is known.
	 */
	boolean areDirect() {
		return this.known && !this.pooler;
	}

	/**
	 * Whether a pooler between us and the server was met.
	 */
	boolean isBehindPooler() {
		return this.pooler;
	}

	/**
	 * How many connections the pool has opened since the start of the application.
	 */
	long openedCount() {
		return this.opened.sum();
	}

}
