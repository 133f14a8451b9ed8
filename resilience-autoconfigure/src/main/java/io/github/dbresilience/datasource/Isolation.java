// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.datasource;

import java.sql.Connection;
import java.sql.SQLException;

/**
 * A transaction isolation level in the words of SQL.
 *
 * @param level one of the constants of {@link Connection}
 * @param sql what {@code SET TRANSACTION ISOLATION LEVEL} takes
 */
record Isolation(int level, String sql) {

	static Isolation of(int level) throws SQLException {
		return switch (level) {
			case Connection.TRANSACTION_READ_UNCOMMITTED -> new Isolation(level, "read uncommitted");
			case Connection.TRANSACTION_READ_COMMITTED -> new Isolation(level, "read committed");
			case Connection.TRANSACTION_REPEATABLE_READ -> new Isolation(level, "repeatable read");
			case Connection.TRANSACTION_SERIALIZABLE -> new Isolation(level, "serializable");
			default -> throw new SQLException("Transaction isolation level " + level + " not supported", "0A000");
		};
	}

}
