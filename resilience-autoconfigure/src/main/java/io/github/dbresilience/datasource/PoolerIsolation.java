// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.datasource;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;

import org.jspecify.annotations.Nullable;

/**
 * The isolation level of a connection behind a pooler. The driver sets the level of the
 * session, which is not ours there; so it is set as the first statement of each
 * transaction. Not thread-safe, like a connection.
 */
final class PoolerIsolation {

	private @Nullable Isolation wanted;

	private boolean due;

	void want(int level) throws SQLException {
		this.wanted = Isolation.of(level);
		this.due = true;
	}

	/**
	 * The level that was asked for.
	 * @return one of the constants of {@link Connection}, {@code null} for the server's
	 * default
	 */
	@Nullable Integer level() {
		return (this.wanted != null) ? this.wanted.level() : null;
	}

	void transactionEnded() {
		this.due = true;
	}

	/**
	 * Comes before each statement of a transaction.
	 */
	void beforeStatement(Connection connection) throws SQLException {
		if (this.wanted != null && this.due) {
			this.due = false;
			try (Statement statement = connection.createStatement()) {
				statement.execute("set transaction isolation level " + this.wanted.sql());
			}
		}
	}

}
