// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.datasource;

import java.io.IOException;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.sql.Connection;
import java.sql.SQLException;

import org.jspecify.annotations.Nullable;
import org.postgresql.core.PGStream;
import org.postgresql.core.QueryExecutorBase;
import org.postgresql.jdbc.PgConnection;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells, without a round trip, whether the server has sent something that nobody asked
 * for: on an idle connection that is most likely the FATAL message with which its session
 * ended. Only for plain sockets: what is behind TLS cannot be seen. Stateless.
 */
final class UnreadInput {

	private static final Logger logger = LoggerFactory.getLogger(UnreadInput.class);

	private static final @Nullable MethodHandle STREAM = findStream();

	private UnreadInput() {
	}

	private static @Nullable MethodHandle findStream() {
		try {
			return MethodHandles.privateLookupIn(QueryExecutorBase.class, MethodHandles.lookup())
				.findGetter(QueryExecutorBase.class, "pgStream", PGStream.class);
		}
		catch (ReflectiveOperationException ex) {
			logger.debug("This version of the PostgreSQL driver does not show its socket", ex);
			return null;
		}
	}

	static boolean isThere(Connection connection) {
		if (STREAM == null) {
			return false;
		}
		try {
			if (!connection.isWrapperFor(PgConnection.class) || !(connection.unwrap(PgConnection.class)
				.getQueryExecutor() instanceof QueryExecutorBase executor)) {
				return false;
			}
			PGStream stream = (PGStream) STREAM.invokeExact(executor);
			return stream.getSocket().getInputStream().available() > 0;
		}
		catch (IOException | SQLException ex) {
			return true;
		}
		catch (Throwable ex) {
			logger.debug("Cannot look at the driver's socket", ex);
			return false;
		}
	}

}
