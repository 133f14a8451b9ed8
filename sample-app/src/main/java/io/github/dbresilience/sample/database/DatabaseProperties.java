// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.sample.database;

import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.ConfigurationProperties;

/**
 * A PostgreSQL server of yours. Without a URL and a host an embedded server is started.
 *
 * @param url JDBC URL that begins with jdbc:postgresql:, instead of host, port and name.
 * @param host Host name or address of the server.
 * @param port Port of the server, 5432 if empty.
 * @param name Name of the database, ledger if empty.
 * @param user User to log in as.
 * @param password Password of the user.
 */
@ConfigurationProperties("sample.database")
record DatabaseProperties(@Nullable String url, @Nullable String host, @Nullable String port, @Nullable String name,
		@Nullable String user, @Nullable String password) {

	DatabaseProperties {
		url = emptyToNull(url);
		host = emptyToNull(host);
		port = emptyToNull(port);
		name = emptyToNull(name);
		user = emptyToNull(user);
		password = emptyToNull(password);
	}

	private static @Nullable String emptyToNull(@Nullable String value) {
		return (value == null || value.isBlank()) ? null : value;
	}

	/** Without the password, and without the URL, which may contain one. */
	@Override
	public String toString() {
		return "DatabaseProperties[host=%s, port=%s, name=%s, user=%s]".formatted(this.host, this.port, this.name,
				this.user);
	}

}
