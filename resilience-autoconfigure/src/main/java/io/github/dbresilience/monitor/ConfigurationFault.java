// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.monitor;

import java.security.cert.CertPathBuilderException;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateException;
import java.sql.SQLException;

import org.jspecify.annotations.Nullable;
import org.postgresql.util.GT;

/**
 * A refusal that no waiting can cure, with what to do about it.
 */
enum ConfigurationFault {

	AUTHENTICATION("The server refused the credentials.",
			"Check spring.datasource.username and spring.datasource.password, and the server's pg_hba.conf."),

	NO_DATABASE("The server has no such database.",
			"Check the database name in spring.datasource.url, or create the database."),

	TLS_REFUSED("The server offers no TLS.",
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
		if (isCertificate(failure)) {
			return CERTIFICATE;
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
			case "08004" -> isTlsRefused(failure) ? TLS_REFUSED : AUTHENTICATION;
			default -> null;
		};
	}

	/**
	 * A handshake may also fail because the server goes away; a certificate stays wrong.
	 */
	private static boolean isCertificate(SQLException failure) {
		int depth = 0;
		for (Throwable t = failure; t != null && depth < 20; t = t.getCause(), depth++) {
			if (t instanceof CertificateException || t instanceof CertPathValidatorException
					|| t instanceof CertPathBuilderException) {
				return true;
			}
		}
		String message = failure.getMessage();
		return message != null && message.startsWith("The hostname") && message.contains("could not be verified");
	}

	/**
	 * In the words of the driver, in the language of this JVM.
	 */
	private static boolean isTlsRefused(SQLException failure) {
		return GT.tr("The server does not support SSL.").equals(failure.getMessage());
	}

}
