// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.monitor;

import java.sql.SQLException;

import javax.net.ssl.SSLException;

import org.jspecify.annotations.Nullable;

/**
 * A refusal that no waiting can cure, with what to do about it.
 */
enum ConfigurationFault {

	AUTHENTICATION("The server refused the credentials.",
			"Check spring.datasource.username and spring.datasource.password, and the server's pg_hba.conf."),

	NO_DATABASE("The server has no such database.",
			"Check the database name in spring.datasource.url, or create the database."),

	TLS_REFUSED("The server offers no TLS, or the driver refused its terms.",
			"Switch TLS on at the server (ssl = on). If the network between is trusted, set "
					+ "db.resilience.tls=off, or sslmode in spring.datasource.url."),

	CERTIFICATE("The TLS certificate of the server was not accepted.",
			"Check the host name in spring.datasource.url and the sslrootcert that signs the server's certificate.");

	private final String meaning;

	private final String mend;

	ConfigurationFault(String meaning, String mend) {
		this.meaning = meaning;
		this.mend = mend;
	}

	String meaning() {
		return this.meaning;
	}

	String mend() {
		return this.mend;
	}

	/**
	 * Looks for a fault of the configuration.
	 * @param failure of a connect
	 * @return the fault, {@code null} if waiting may help
	 */
	static @Nullable ConfigurationFault of(SQLException failure) {
		for (Throwable t = failure; t != null; t = t.getCause()) {
			if (t instanceof SSLException) {
				return CERTIFICATE;
			}
		}
		String sqlState = failure.getSQLState();
		if (sqlState == null) {
			return null;
		}
		if (sqlState.startsWith("28")) {
			return AUTHENTICATION;
		}
		return switch (sqlState) {
			case "3D000" -> NO_DATABASE;
			case "08004" -> TLS_REFUSED;
			default -> null;
		};
	}

}
