// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.datasource;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.function.Supplier;

import com.zaxxer.hikari.HikariDataSource;
import org.jspecify.annotations.Nullable;

/**
 * Opens connections to the server of a data source without taking one of its pool.
 */
public final class UnpooledConnections {

	private final String dataSource;

	private final Supplier<@Nullable HikariDataSource> pool;

	UnpooledConnections(String dataSource, Supplier<@Nullable HikariDataSource> pool) {
		this.dataSource = dataSource;
		this.pool = pool;
	}

	/**
	 * Opens a connection with the credentials and driver properties of the pool.
	 * @param timeout bounds the connect and every later read
	 * @param purpose appended to the application name
	 * @return the connection, to be closed by the caller
	 * @throws SQLException if it cannot be opened
	 */
	public Connection open(Duration timeout, String purpose) throws SQLException {
		HikariDataSource hikari = this.pool.get();
		if (hikari == null) {
			throw new SQLException(this.dataSource + " - has no pool yet");
		}
		return RawDataSource.open(hikari, timeout, purpose);
	}

}
