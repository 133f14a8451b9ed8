// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.datasource;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Properties;

import javax.sql.DataSource;

import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.util.Credentials;
import com.zaxxer.hikari.util.DriverDataSource;
import com.zaxxer.hikari.util.PropertyElf;
import com.zaxxer.hikari.util.UtilityElf;
import org.jspecify.annotations.Nullable;

/**
 * Opens connections the way a pool does, but outside of it.
 */
final class RawDataSource {

	private RawDataSource() {
	}

	/**
	 * What the pool would open its connections with.
	 * @param hikari a pool, started or not
	 * @return the data source, {@code null} if the pool looks it up in JNDI
	 */
	static @Nullable DataSource of(HikariDataSource hikari) {
		if (hikari.getDataSource() instanceof PoolConnector connector && hikari.getJdbcUrl() == null) {
			return connector.target();
		}
		if (hikari.getDataSource() != null && !(hikari.getDataSource() instanceof PoolConnector)) {
			return hikari.getDataSource();
		}
		if (hikari.getDataSourceClassName() != null) {
			DataSource dataSource = UtilityElf.createInstance(hikari.getDataSourceClassName(), DataSource.class);
			PropertyElf.setTargetFromProperties(dataSource, hikari.getDataSourceProperties());
			return dataSource;
		}
		return (hikari.getJdbcUrl() != null) ? driver(hikari, hikari.getDataSourceProperties()) : null;
	}

	private static DataSource driver(HikariDataSource hikari, Properties properties) {
		Credentials credentials = hikari.getCredentials();
		return new DriverDataSource(hikari.getJdbcUrl(), hikari.getDriverClassName(), properties,
				credentials.getUsername(), credentials.getPassword());
	}

	/**
	 * Opens a connection of its own that never blocks for much longer than the time-out.
	 * @param hikari the pool whose server and credentials are used
	 * @param timeout bounds the connect and every later read
	 * @param purpose appended to the application name
	 * @return the connection
	 * @throws SQLException if it cannot be opened
	 */
	static Connection open(HikariDataSource hikari, Duration timeout, String purpose) throws SQLException {
		Connection connection = connect(hikari, timeout, purpose);
		connection.setNetworkTimeout(Runnable::run, (int) timeout.toMillis());
		return connection;
	}

	private static Connection connect(HikariDataSource hikari, Duration timeout, String purpose) throws SQLException {
		if (hikari.getJdbcUrl() != null) {
			String seconds = String.valueOf(Math.max(1, timeout.toSeconds()));
			Properties properties = new Properties();
			properties.putAll(hikari.getDataSourceProperties());
			properties.setProperty("connectTimeout", seconds);
			properties.setProperty("loginTimeout", seconds);
			properties.setProperty("socketTimeout", seconds);
			properties.merge("ApplicationName", purpose, (name, suffix) -> name + " " + suffix);
			return driver(hikari, properties).getConnection();
		}
		DataSource raw = of(hikari);
		if (raw == null) {
			throw new SQLException("The pool " + hikari.getPoolName() + " takes its connections from JNDI");
		}
		Credentials credentials = hikari.getCredentials();
		return (credentials.getUsername() == null) ? raw.getConnection()
				: raw.getConnection(credentials.getUsername(), credentials.getPassword());
	}

}
