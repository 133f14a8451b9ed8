// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.sample.database;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;

/**
 * A server that the environment names. What it says about itself contains neither a
 * password nor the URL, in which there may be one.
 */
final class ExternalDatabase implements LedgerDatabase {

	private static final String PREFIX = "jdbc:postgresql:";

	private static final String EXAMPLE = "jdbc:postgresql://db.example.org:5432/ledger";

	private static final Pattern HOST = Pattern.compile("[\\w.:%-]+|\\[[\\w.:%]+]");

	private static final Pattern SERVER = Pattern
		.compile("(//(host(:\\d{1,5})?(,host(:\\d{1,5})?)*)?/)?[^/]*".replace("host", "([\\w.%-]+|\\[[\\w.:%]+])"));

	private static final Pattern NAMES_USER = Pattern.compile("[?&](user|service)=.");

	private final String url;

	private final @Nullable String user;

	private final @Nullable String password;

	private final String description;

	private ExternalDatabase(String url, @Nullable String user, @Nullable String password, String description) {
		this.url = url;
		this.user = user;
		this.password = password;
		this.description = description;
	}

	/**
	 * The server that the settings name.
	 * @param settings the settings
	 * @return the server, or empty if none is named
	 */
	static Optional<ExternalDatabase> of(DatabaseProperties settings) {
		if (settings.url() != null && settings.host() != null) {
			throw new DatabaseSetupException(
					"Both DB_URL and DB_HOST are set, so it is not clear which server is meant.", "Unset one of them.");
		}
		if (settings.url() != null) {
			return Optional.of(of(settings.url(), settings.user(), settings.password()));
		}
		if (settings.host() != null) {
			String url = "jdbc:postgresql://" + host(settings.host()) + ":" + port(settings.port()) + "/"
					+ URLEncoder.encode((settings.name() != null) ? settings.name() : "ledger", StandardCharsets.UTF_8);
			return Optional.of(of(url, settings.user(), settings.password()));
		}
		if (settings.name() != null || settings.user() != null || settings.password() != null) {
			throw new DatabaseSetupException(
					"DB_NAME, DB_USER or DB_PASSWORD is set, but neither DB_HOST nor DB_URL says which server is meant.",
					"Set DB_HOST or DB_URL, or unset them all to use the embedded PostgreSQL.");
		}
		return Optional.empty();
	}

	static ExternalDatabase of(String url, @Nullable String user, @Nullable String password) {
		String server = url.split("\\?", 2)[0];
		requireValid(server);
		if (user == null && !NAMES_USER.matcher(url).find()) {
			throw new DatabaseSetupException("A server is named, but not the user to log in as.",
					"Set DB_USER (for spring.datasource.url: spring.datasource.username), and DB_PASSWORD if the "
							+ "server asks for a password.");
		}
		return new ExternalDatabase(url, user, password,
				"PostgreSQL at " + server.substring(PREFIX.length()).replaceFirst("^//", ""));
	}

	/** Stricter than the driver, which logs the whole URL when it does not like it. */
	private static void requireValid(String server) {
		if (!server.startsWith(PREFIX)) {
			throw new DatabaseSetupException(
					"The database URL is not a JDBC URL of PostgreSQL (it is not shown, as it may contain a password).",
					"Let DB_URL begin with " + PREFIX + ", for example " + EXAMPLE);
		}
		if (server.contains("@")) {
			throw new DatabaseSetupException("The database URL contains an @, as if it named a user or a password.",
					"Set DB_USER and DB_PASSWORD, and leave them out of DB_URL.");
		}
		if (!SERVER.matcher(server.substring(PREFIX.length())).matches()) {
			throw new DatabaseSetupException("The database URL does not name a server, a port and a database.",
					"Write DB_URL like " + EXAMPLE);
		}
	}

	private static String host(String host) {
		boolean address = host.indexOf(':') != host.lastIndexOf(':');
		if (!HOST.matcher(host).matches() || (!address && host.contains(":"))) {
			throw new DatabaseSetupException("DB_HOST is not the name or the address of a host.",
					"Set DB_HOST to the host alone, and the port by DB_PORT; or set DB_URL instead.");
		}
		return (address && !host.startsWith("[")) ? "[" + host + "]" : host;
	}

	private static int port(@Nullable String port) {
		if (port == null) {
			return 5432;
		}
		try {
			int number = Integer.parseInt(port.strip());
			if (number >= 1 && number <= 65535) {
				return number;
			}
		}
		catch (NumberFormatException ex) {
			// The message below says it.
		}
		throw new DatabaseSetupException("DB_PORT is '" + port + "', which is not a port.",
				"Set DB_PORT to a number from 1 to 65535, or unset it for 5432.");
	}

	@Override
	public String getJdbcUrl() {
		return this.url;
	}

	@Override
	public @Nullable String getUsername() {
		return this.user;
	}

	@Override
	public @Nullable String getPassword() {
		return this.password;
	}

	@Override
	public String description() {
		return this.description;
	}

	@Override
	public void close() {
		// Not ours to stop.
	}

	@Override
	public String toString() {
		return this.description;
	}

}
