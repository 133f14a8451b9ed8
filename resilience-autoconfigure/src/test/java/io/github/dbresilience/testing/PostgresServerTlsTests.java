// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.testing;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

/**
 * Tests for {@link PostgresServer} with and without TLS.
 */
class PostgresServerTlsTests {

	@Test
	void withTlsAClientCanEncryptAndVerify() throws SQLException {
		try (PostgresServer server = PostgresServer.builder().tls().start()) {
			assertThat(isEncrypted(server, "?sslmode=require")).isTrue();
			assertThat(isEncrypted(server, "?sslmode=verify-full&sslrootcert=" + server.rootCertificate())).isTrue();
			assertThat(isEncrypted(server, "?sslmode=disable")).isFalse();
		}
	}

	@Test
	void anotherServersCertificateIsNotTrusted() {
		try (PostgresServer server = PostgresServer.builder().tls().start();
				PostgresServer other = PostgresServer.builder().tls().start()) {
			assertThatExceptionOfType(SQLException.class)
				.isThrownBy(() -> isEncrypted(server, "?sslmode=verify-full&sslrootcert=" + other.rootCertificate()));
		}
	}

	@Test
	void aTlsOnlyServerRefusesPlainText() throws SQLException {
		try (PostgresServer server = PostgresServer.builder().tlsOnly().start()) {
			assertThatExceptionOfType(SQLException.class).isThrownBy(() -> isEncrypted(server, "?sslmode=disable"))
				.returns("28000", SQLException::getSQLState);
			assertThat(isEncrypted(server, "?sslmode=require")).isTrue();
			server.connect().close();
		}
	}

	@Test
	void withoutTlsAClientThatRequiresItIsRefused() throws SQLException {
		try (PostgresServer server = PostgresServer.create()) {
			assertThatExceptionOfType(SQLException.class).isThrownBy(() -> isEncrypted(server, "?sslmode=require"))
				.returns("08004", SQLException::getSQLState);
			assertThatIllegalStateException().isThrownBy(server::rootCertificate);
		}
	}

	private static boolean isEncrypted(PostgresServer server, String parameters) throws SQLException {
		String url = server.jdbcUrl() + parameters;
		try (Connection connection = DriverManager.getConnection(url, server.username(), server.password());
				Statement statement = connection.createStatement();
				ResultSet result = statement.executeQuery("select ssl from pg_stat_ssl where pid = pg_backend_pid()")) {
			result.next();
			return result.getBoolean(1);
		}
	}

}
