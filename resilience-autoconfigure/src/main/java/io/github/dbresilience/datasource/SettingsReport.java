// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.datasource;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

import com.zaxxer.hikari.HikariDataSource;
import org.jspecify.annotations.Nullable;

/**
 * Finds settings of a pool that can hang a caller or send its data in clear. They are the
 * user's own, as our defaults would not leave them so: they stay, and are told.
 */
final class SettingsReport {

	private static final Set<String> CLEAR_TEXT = Set.of("disable", "allow", "prefer");

	private SettingsReport() {
	}

	static List<String> warnings(HikariDataSource pool, DataSourceSettings settings) {
		List<String> warnings = new ArrayList<>();
		PostgresUrl url = PostgresUrl.parse(pool.getJdbcUrl());
		if (url != null) {
			driver(pool, url, warnings);
		}
		long deadline = settings.retry().maxDuration().toMillis();
		if (settings.retry().enabled() && pool.getConnectionTimeout() > deadline) {
			warnings
				.add("connection-timeout=%d ms is longer than db.resilience.retry.max-duration=%d ms; callers wait for "
					.formatted(pool.getConnectionTimeout(), deadline) + "the pool up to the shorter of the two");
		}
		return warnings;
	}

	private static void driver(HikariDataSource pool, PostgresUrl url, List<String> warnings) {
		if ("0".equals(value(pool, url, "socketTimeout"))) {
			warnings.add("socketTimeout=0: a statement hangs for ever when the network drops its packets; set the "
					+ "seconds of your longest statement");
		}
		if ("0".equals(value(pool, url, "connectTimeout")) && "0".equals(value(pool, url, "loginTimeout"))) {
			warnings.add("connectTimeout=0 and loginTimeout=0: opening a connection can hang for ever; set seconds");
		}
		if ("false".equalsIgnoreCase(value(pool, url, "tcpKeepAlive"))) {
			warnings.add("tcpKeepAlive=false: an idle connection to a dead host is never noticed; set true");
		}
		String sslmode = value(pool, url, "sslmode");
		if (!url.isLocal() && (sslmode == null || CLEAR_TEXT.contains(sslmode.toLowerCase(Locale.ROOT)))) {
			warnings.add("sslmode=%s to a remote server: data may cross the network in clear; set require or, better, "
				.formatted((sslmode != null) ? sslmode : "prefer") + "verify-full");
		}
	}

	/**
	 * As the driver reads it: the URL wins over the pool's properties.
	 */
	private static @Nullable String value(HikariDataSource pool, PostgresUrl url, String property) {
		String inUrl = url.get(property);
		if (inUrl != null) {
			return inUrl;
		}
		return pool.getDataSourceProperties().getProperty(property);
	}

}
