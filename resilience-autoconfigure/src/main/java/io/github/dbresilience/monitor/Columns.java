// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.monitor;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;

import org.jspecify.annotations.Nullable;

/**
 * Reads columns that may be null.
 */
final class Columns {

	private Columns() {
	}

	/**
	 * Reads a duration.
	 * @param row the row
	 * @param column a column of milliseconds
	 * @return the duration, zero if the clocks of server processes made it negative
	 * @throws SQLException if there is no such column
	 */
	static @Nullable Duration millis(ResultSet row, String column) throws SQLException {
		Long millis = number(row, column);
		return (millis != null) ? Duration.ofMillis(Math.max(0, millis)) : null;
	}

	static @Nullable Long number(ResultSet row, String column) throws SQLException {
		long number = row.getLong(column);
		return row.wasNull() ? null : number;
	}

}
