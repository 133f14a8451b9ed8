// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.datasource;

import java.sql.SQLException;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.function.BiPredicate;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGProperty;
import org.postgresql.ds.common.BaseDataSource;

/**
 * Completes a pool where nothing else was said: by its profile where HikariCP's own
 * default still stands, and by driver properties that neither the URL nor the pool has.
 */
public final class PoolDefaults {

	private final @Nullable String applicationName;

	private final BiPredicate<String, Number> explicit;

	/**
	 * Creates the defaults.
	 * @param applicationName shown by the server in {@code pg_stat_activity}
	 * @param explicit whether the pool of that bean name was given that value by a
	 * property, even if it equals HikariCP's own default
	 */
	public PoolDefaults(@Nullable String applicationName, BiPredicate<String, Number> explicit) {
		this.applicationName = applicationName;
		this.explicit = explicit;
	}

	void complete(String name, HikariDataSource pool, DataSourceSettings settings) {
		PoolProfile profile = settings.profile();
		HikariConfig own = new HikariConfig();
		if (pool.getMaximumPoolSize() == own.getMaximumPoolSize()) {
			pool.setMaximumPoolSize(profile.maximumPoolSize());
		}
		if (pool.getMinimumIdle() == own.getMinimumIdle()) {
			pool.setMinimumIdle(Math.min(profile.minimumIdle(), pool.getMaximumPoolSize()));
		}
		if (stands(name + ".max-lifetime", pool.getMaxLifetime(), own.getMaxLifetime())) {
			pool.setMaxLifetime(profile.maxLifetime().toMillis());
		}
		if (stands(name + ".idle-timeout", pool.getIdleTimeout(), own.getIdleTimeout())) {
			pool.setIdleTimeout(idleTimeout(pool, profile));
		}
		if (pool.getMinimumIdle() >= pool.getMaximumPoolSize()
				&& pool.getIdleTimeout() == profile.idleTimeout().toMillis()) {
			// HikariCP warns of one that a pool of fixed size does not use
			pool.setIdleTimeout(own.getIdleTimeout());
		}
		if (stands(name + ".connection-timeout", pool.getConnectionTimeout(), own.getConnectionTimeout())) {
			pool.setConnectionTimeout(profile.connectionTimeout().toMillis());
		}
		if (stands(name + ".initialization-fail-timeout", pool.getInitializationFailTimeout(),
				own.getInitializationFailTimeout())) {
			// Callers would try to start the pool one after the other, past their
			// deadlines
			pool.setInitializationFailTimeout(-1);
		}
		completeDriver(pool, settings);
	}

	private static long idleTimeout(HikariDataSource pool, PoolProfile profile) {
		long lifetime = pool.getMaxLifetime();
		long idle = profile.idleTimeout().toMillis();
		return (lifetime > 0 && idle >= lifetime) ? lifetime * 4 / 5 : idle;
	}

	private boolean stands(String property, long value, long standard) {
		return value == standard && !this.explicit.test(property, value);
	}

	private void completeDriver(HikariDataSource pool, DataSourceSettings settings) {
		Properties present = pool.getDataSourceProperties();
		PostgresUrl url = PostgresUrl.parse(pool.getJdbcUrl());
		driverProperties(url, settings).forEach((key, value) -> {
			if (url != null && !url.has(key) && !hasIgnoringCase(present, key)) {
				pool.addDataSourceProperty(key, value);
			}
		});
	}

	/**
	 * The same for a data source of the driver that a pool was given instead of a URL, as
	 * far as the driver's own default still stands.
	 */
	void completeDriver(BaseDataSource dataSource, DataSourceSettings settings) throws SQLException {
		Map<String, String> properties = driverProperties(PostgresUrl.parse(dataSource.getUrl()), settings);
		for (Map.Entry<String, String> property : properties.entrySet()) {
			String present = dataSource.getProperty(property.getKey());
			PGProperty known = PGProperty.forName(property.getKey());
			if (present == null || (known != null && present.equals(known.getDefaultValue()))) {
				dataSource.setProperty(property.getKey(), property.getValue());
			}
		}
	}

	private Map<String, String> driverProperties(@Nullable PostgresUrl url, DataSourceSettings settings) {
		return (url != null) ? driverProperties(settings.profile(), settings.tls(), this.applicationName, url)
				: Map.of();
	}

	private static boolean hasIgnoringCase(Properties properties, String key) {
		return properties.stringPropertyNames().stream().anyMatch(key::equalsIgnoreCase);
	}

	/**
	 * The driver properties for a server.
	 * @param profile gives the time-outs
	 * @param tls what is asked of a remote server
	 * @param applicationName shown by the server, {@code null} for none
	 * @param url the server
	 * @return names and values
	 */
	public static Map<String, String> driverProperties(PoolProfile profile, TlsMode tls,
			@Nullable String applicationName, PostgresUrl url) {
		Map<String, String> properties = new TreeMap<>();
		properties.put("connectTimeout", "5");
		properties.put("loginTimeout", "10");
		properties.put("socketTimeout", String.valueOf(profile.socketTimeout().toSeconds()));
		properties.put("tcpKeepAlive", "true");
		if (applicationName != null) {
			properties.put("ApplicationName", applicationName);
		}
		if (url.servers().size() > 1) {
			// The driver would stay with the first that answers, be it a standby
			properties.put("targetServerType", "primary");
		}
		if (tls.sslmode() != null && !url.isLocal() && !url.has("ssl")) {
			properties.put("sslmode", tls.sslmode().toLowerCase(Locale.ROOT));
		}
		return properties;
	}

}
