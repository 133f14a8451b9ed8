// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.datasource;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Properties;

import javax.sql.DataSource;

import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.util.Credentials;
import com.zaxxer.hikari.util.DriverDataSource;
import com.zaxxer.hikari.util.PropertyElf;
import com.zaxxer.hikari.util.UtilityElf;
import io.github.dbresilience.topology.ServerAddress;
import org.jspecify.annotations.Nullable;
import org.postgresql.ds.common.BaseDataSource;

/**
 * Opens connections the way a pool does, but outside of it.
 */
final class RawDataSource {

	private static final List<String> CACHES = List.of("preparedStatementCacheQueries", "preparedStatementCacheSizeMiB",
			"databaseMetadataCacheFields", "databaseMetadataCacheFieldsMiB");

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
	 * The servers, the database and the parameters that the pool uses.
	 * @param hikari a pool, started or not
	 * @return the URL, {@code null} if the driver's data source is hidden or not the
	 * driver's
	 */
	static @Nullable PostgresUrl urlOf(HikariDataSource hikari) {
		if (hikari.getJdbcUrl() != null) {
			return PostgresUrl.parse(hikari.getJdbcUrl());
		}
		return (of(hikari) instanceof BaseDataSource own) ? PostgresUrl.parse(own.getUrl()) : null;
	}

	/**
	 * A data source of the pool's that opens connections to one of its servers only,
	 * whatever the role of that server is.
	 * @param hikari the pool
	 * @param server one of its servers
	 * @return the data source, {@code null} if its URL is not known
	 */
	static @Nullable DataSource of(HikariDataSource hikari, ServerAddress server) {
		PostgresUrl url = urlOf(hikari);
		return (url != null) ? single(hikari, url, server, new Properties()) : null;
	}

	private static DataSource single(HikariDataSource hikari, PostgresUrl url, ServerAddress server,
			Properties overriding) {
		Properties properties = new Properties();
		properties.putAll(hikari.getDataSourceProperties());
		properties.putAll(url.parameters());
		properties.putAll(overriding);
		properties.setProperty("targetServerType", "any");
		properties.remove("loadBalanceHosts");
		Credentials credentials = hikari.getCredentials();
		String username = credentials.getUsername();
		String password = credentials.getPassword();
		if (username == null && hikari.getJdbcUrl() == null && of(hikari) instanceof BaseDataSource own) {
			username = own.getUser();
			password = own.getPassword();
		}
		if (username == null) {
			username = properties.getProperty("user");
			password = properties.getProperty("password");
		}
		else {
			properties.remove("user");
			properties.remove("password");
		}
		return new DriverDataSource(url.of(server), hikari.getDriverClassName(), properties, username, password);
	}

	/**
	 * Opens a connection of its own that never blocks for much longer than the time-out.
	 * @param hikari the pool whose servers and credentials are used
	 * @param server one of its servers, {@code null} for the driver's choice
	 * @param timeout bounds the connect and every later read
	 * @param purpose appended to the application name
	 * @return the connection
	 * @throws SQLException if it cannot be opened
	 */
	static Connection open(HikariDataSource hikari, @Nullable ServerAddress server, Duration timeout, String purpose)
			throws SQLException {
		Connection connection = connect(hikari, server, timeout, purpose);
		connection.setNetworkTimeout(Runnable::run, (int) timeout.toMillis());
		return connection;
	}

	private static Connection connect(HikariDataSource hikari, @Nullable ServerAddress server, Duration timeout,
			String purpose) throws SQLException {
		PostgresUrl url = (server != null) ? urlOf(hikari) : null;
		if (server != null && url != null) {
			Properties bounded = bounded(timeout);
			String name = hikari.getDataSourceProperties().getProperty("ApplicationName", url.get("ApplicationName"));
			bounded.setProperty("ApplicationName", (name != null) ? name + " " + purpose : purpose);
			return single(hikari, url, server, bounded).getConnection();
		}
		if (hikari.getJdbcUrl() != null) {
			Properties properties = new Properties();
			properties.putAll(hikari.getDataSourceProperties());
			properties.putAll(bounded(timeout));
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

	/**
	 * The driver takes whole seconds but for the time to log in, which bounds them all
	 * while a connection is opened.
	 */
	private static Properties bounded(Duration timeout) {
		String seconds = String.valueOf(Math.max(1, (timeout.toMillis() + 999) / 1000));
		Properties properties = new Properties();
		properties.setProperty("connectTimeout", seconds);
		properties.setProperty("loginTimeout", String.valueOf(Math.max(0.1, timeout.toMillis() / 1000.0)));
		properties.setProperty("socketTimeout", seconds);
		// Nothing is asked often enough to be worth memory for as long as the connection
		// is kept
		for (String cache : CACHES) {
			properties.setProperty(cache, "0");
		}
		return properties;
	}

}
