// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.datasource;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Properties;
import java.util.Set;

import io.github.dbresilience.topology.ServerAddress;
import org.jspecify.annotations.Nullable;
import org.postgresql.Driver;

/**
 * A JDBC URL of the PostgreSQL driver, read by the driver itself. It may hold a password:
 * it has no text form.
 */
public final class PostgresUrl {

	private static final String PREFIX = "jdbc:postgresql:";

	private static final Set<String> SERVER = Set.of("PGHOST", "PGPORT", "PGDBNAME");

	private final Properties properties;

	private PostgresUrl(Properties properties) {
		this.properties = properties;
	}

	/**
	 * Reads a URL.
	 * @param url any JDBC URL
	 * @return its parts, {@code null} if it is not one of the PostgreSQL driver or is
	 * malformed
	 */
	public static @Nullable PostgresUrl parse(@Nullable String url) {
		if (url == null || !url.startsWith(PREFIX)) {
			return null;
		}
		Properties properties = Driver.parseURL(url, new Properties());
		return (properties != null) ? new PostgresUrl(properties) : null;
	}

	/**
	 * Whether the URL sets a driver property.
	 * @param property its name
	 * @return {@code true} if it does
	 */
	public boolean has(String property) {
		return get(property) != null;
	}

	@Nullable String get(String property) {
		return this.properties.getProperty(property);
	}

	/**
	 * The servers that it names.
	 * @return at least one, in its order; empty if it names none by host and port, but
	 * uses a socket factory or what else the driver may find a server by
	 */
	List<ServerAddress> servers() {
		String[] hosts = this.properties.getProperty("PGHOST", "").split(",");
		String[] ports = this.properties.getProperty("PGPORT", "").split(",");
		List<ServerAddress> servers = new ArrayList<>();
		for (int i = 0; i < hosts.length && i < ports.length; i++) {
			if (!hosts[i].isBlank() && !ports[i].isBlank()) {
				servers.add(new ServerAddress(hosts[i].replace("[", "").replace("]", "").trim(),
						Integer.parseInt(ports[i].trim())));
			}
		}
		return has("socketFactory") ? List.of() : servers;
	}

	/**
	 * A URL of one server alone, to be used with {@link #parameters()}.
	 */
	String of(ServerAddress server) {
		String database = this.properties.getProperty("PGDBNAME", "");
		return PREFIX + "//" + server + "/" + URLEncoder.encode(database, StandardCharsets.UTF_8).replace("+", "%20");
	}

	/**
	 * What it says beside the servers and the database. May hold a password.
	 */
	Properties parameters() {
		Properties parameters = new Properties();
		for (String name : this.properties.stringPropertyNames()) {
			if (!SERVER.contains(name)) {
				parameters.setProperty(name, this.properties.getProperty(name));
			}
		}
		return parameters;
	}

	/**
	 * Whether all its servers are on this host or behind a Unix socket. Names are not
	 * looked up.
	 * @return {@code true} if no password crosses a network
	 */
	public boolean isLocal() {
		if (has("socketFactory")) {
			return this.properties.getProperty("socketFactory").toLowerCase(Locale.ROOT).contains("unix");
		}
		String hosts = this.properties.getProperty("PGHOST", "localhost");
		return Arrays.stream(hosts.split(",")).allMatch(PostgresUrl::isLoopback);
	}

	private static boolean isLoopback(String host) {
		String bare = host.replace("[", "").replace("]", "").trim();
		return bare.equalsIgnoreCase("localhost") || bare.equals("::1") || bare.equals("0:0:0:0:0:0:0:1")
				|| bare.matches("127(\\.\\d{1,3}){3}");
	}

}
