// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.monitor;

import java.io.EOFException;
import java.sql.SQLException;

import javax.net.ssl.SSLHandshakeException;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Refusals that are told in the wrong words, or waited out in vain.
 */
class ConfigurationFaultDefectTests {

	@Test
	void aMissingPasswordIsNotToldAsMissingTls() {
		assertThat(ConfigurationFault.of(new SQLException(
				"The server requested SCRAM-based authentication, but no password was provided.", "08004")))
			.isEqualTo(ConfigurationFault.AUTHENTICATION);
	}

	@Test
	void aHandshakeThatTheServerCutOffIsWaitedOut() {
		SSLHandshakeException cut = new SSLHandshakeException("Remote host terminated the handshake");
		cut.initCause(new EOFException("SSL peer shut down incorrectly"));
		assertThat(ConfigurationFault.of(new SQLException("SSL error: " + cut.getMessage(), "08006", cut))).isNull();
	}

	@Test
	void aCertificateForAnotherHostIsAFaultOfTheConfiguration() {
		assertThat(ConfigurationFault.of(new SQLException(
				"The hostname db could not be verified by hostnameverifier PgjdbcHostnameVerifier.", "08006")))
			.isEqualTo(ConfigurationFault.CERTIFICATE);
	}

}
