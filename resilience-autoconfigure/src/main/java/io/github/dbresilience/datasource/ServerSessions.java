// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.datasource;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.Collections;
import java.util.Map;
import java.util.WeakHashMap;

import io.github.dbresilience.commit.ServerSession;
import org.jspecify.annotations.Nullable;
import org.postgresql.jdbc.PgConnection;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The server's sessions behind the open connections of a pool. Thread-safe.
 */
final class ServerSessions {

	private static final Logger logger = LoggerFactory.getLogger(ServerSessions.class);

	/** The driver's default, which is changed only where nobody else has changed it. */
	private static final int DEFAULT_PREPARE_THRESHOLD = 5;

	private final Map<PgConnection, ServerSession> sessions = Collections.synchronizedMap(new WeakHashMap<>());

	private final String dataSource;

	private volatile boolean known;

	private volatile boolean pooler;

	ServerSessions(String dataSource) {
		this.dataSource = dataSource;
	}

	/**
	 * Notes a connection that was just opened. Behind a pooler it is told to prepare
	 * nothing on the server: the next transaction may be another session's.
	 */
	Connection opened(Connection connection) throws SQLException {
		if (!connection.isWrapperFor(PgConnection.class)) {
			return connection;
		}
		PgConnection driver = connection.unwrap(PgConnection.class);
		try {
			ServerSession session = ServerSession.of(connection);
			this.sessions.put(driver, session);
			this.known = true;
			if (!session.direct()) {
				behindPooler(driver);
			}
			return connection;
		}
		catch (SQLException ex) {
			if (driver.isClosed()) {
				throw ex;
			}
			logger.debug("{} - the session of a new connection is not known", this.dataSource, ex);
			return connection;
		}
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
		return this.sessions.get(driver);
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

}
