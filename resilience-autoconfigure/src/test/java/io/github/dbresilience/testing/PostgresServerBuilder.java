// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.testing;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Options of a {@link PostgresServer}. Not thread-safe.
 */
public final class PostgresServerBuilder {

	private final Map<String, String> settings = new LinkedHashMap<>();

	private final List<String> rules = new ArrayList<>();

	private int port;

	private ServerOptions.Tls tls = ServerOptions.Tls.OFF;

	PostgresServerBuilder() {
	}

	/**
	 * Sets a parameter of postgresql.conf.
	 * @param name the parameter
	 * @param value its value, unquoted
	 * @return this builder
	 */
	public PostgresServerBuilder setting(String name, String value) {
		if (name.equals("port")) {
			throw new IllegalArgumentException("The port is set by port(int)");
		}
		this.settings.put(name, value);
		return this;
	}

	/**
	 * Sets parameters of postgresql.conf.
	 * @param settings unquoted values by parameter
	 * @return this builder
	 */
	public PostgresServerBuilder settings(Map<String, String> settings) {
		settings.forEach(this::setting);
		return this;
	}

	/**
	 * Sets the port; by default a free one is taken.
	 * @param port the port
	 * @return this builder
	 */
	public PostgresServerBuilder port(int port) {
		this.port = port;
		return this;
	}

	/**
	 * Lets the server speak TLS, with a new self-signed certificate for "localhost".
	 * @return this builder
	 */
	public PostgresServerBuilder tls() {
		this.tls = ServerOptions.Tls.ON;
		return this;
	}

	/**
	 * Lets the server speak TLS and refuse all but the superuser without it.
	 * @return this builder
	 */
	public PostgresServerBuilder tlsOnly() {
		return tls().rule("hostssl all all samehost scram-sha-256");
	}

	/**
	 * Adds an access rule. The first rule replaces the default one, which lets everybody
	 * in with a password. The superuser always gets in with a password.
	 * @param rule a line of pg_hba.conf
	 * @return this builder
	 */
	public PostgresServerBuilder rule(String rule) {
		this.rules.add(rule);
		return this;
	}

	/**
	 * Starts the server.
	 * @return a server that accepts connections
	 */
	public PostgresServer start() {
		PostgresServer server = prepare();
		try {
			server.start();
			return server;
		}
		catch (RuntimeException ex) {
			server.close();
			throw ex;
		}
	}

	/**
	 * Makes a server with its data.
	 * @return a server that was not started
	 */
	PostgresServer prepare() {
		return new PostgresServer(new ServerOptions((this.port != 0) ? this.port : FreePort.find(), this.tls,
				this.rules.isEmpty() ? List.of("host all all samehost scram-sha-256") : this.rules, this.settings));
	}

}
