// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.datasource;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;

import com.zaxxer.hikari.HikariDataSource;
import io.github.dbresilience.topology.ServerAddress;
import io.github.dbresilience.topology.ServerIdentity;
import io.github.dbresilience.topology.ServerRole;
import org.jspecify.annotations.Nullable;

/**
 * Opens connections to the servers of a data source without taking one of its pool.
 * Thread-safe.
 */
public final class UnpooledConnections {

	private final String dataSource;

	private final Supplier<@Nullable HikariDataSource> pool;

	private final ServerChoice choice;

	UnpooledConnections(String dataSource, Supplier<@Nullable HikariDataSource> pool, ServerChoice choice) {
		this.dataSource = dataSource;
		this.pool = pool;
		this.choice = choice;
	}

	/**
	 * The servers that the URL of the pool names.
	 * @return the servers in their order; empty if there is no pool yet or if its servers
	 * are not named by host and port
	 */
	public List<ServerAddress> servers() {
		HikariDataSource hikari = this.pool.get();
		PostgresUrl url = (hikari != null) ? RawDataSource.urlOf(hikari) : null;
		return (url != null) ? url.servers() : List.of();
	}

	/**
	 * The role that the URL asks for.
	 * @return the primary, {@code null} if another or none is asked for
	 */
	public @Nullable ServerRole wantedRole() {
		HikariDataSource hikari = this.pool.get();
		PostgresUrl url = (hikari != null) ? RawDataSource.urlOf(hikari) : null;
		if (hikari == null || url == null) {
			return null;
		}
		String inUrl = url.get("targetServerType");
		String target = (inUrl != null) ? inUrl : hikari.getDataSourceProperties().getProperty("targetServerType");
		return ("primary".equals(target) || "master".equals(target)) ? ServerRole.PRIMARY : null;
	}

	/**
	 * Opens a connection with the credentials and driver properties of the pool, to the
	 * server that the pool would use now.
	 * @param timeout bounds the connect and every later read
	 * @param purpose appended to the application name
	 * @return the connection, to be closed by the caller
	 * @throws SQLException if it cannot be opened
	 */
	public Connection open(Duration timeout, String purpose) throws SQLException {
		return open(this.choice.preferred(), timeout, purpose);
	}

	/**
	 * Opens a connection to one server, whatever its role.
	 * @param server the server, {@code null} for the driver's choice
	 * @param timeout bounds the connect and every later read
	 * @param purpose appended to the application name
	 * @return the connection, to be closed by the caller
	 * @throws SQLException if it cannot be opened
	 */
	public Connection open(@Nullable ServerAddress server, Duration timeout, String purpose) throws SQLException {
		HikariDataSource hikari = this.pool.get();
		if (hikari == null) {
			throw new SQLException(this.dataSource + " - has no pool yet");
		}
		return RawDataSource.open(hikari, server, timeout, purpose);
	}

	/**
	 * Opens a connection as {@link #open(Duration, String)} does, and refuses a primary
	 * that was left behind by a promotion: its answers count for nothing.
	 * @param timeout bounds the connect and every later read
	 * @param purpose appended to the application name
	 * @return the connection, to be closed by the caller
	 * @throws SQLException if it cannot be opened
	 */
	public Connection openValid(Duration timeout, String purpose) throws SQLException {
		Connection connection = open(timeout, purpose);
		try {
			ServerIdentity identity = this.choice.identity().of(connection);
			this.choice.fence().saw(identity);
			if (this.choice.fence().isStale(identity)) {
				throw new SQLTransientConnectionException(
						this.dataSource + " - " + ServerChoice.refusal(identity, this.choice.fence()), "08001");
			}
			return connection;
		}
		catch (SQLException ex) {
			connection.close();
			throw ex;
		}
	}

}
