// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.monitor;

import java.io.IOException;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.security.cert.CertificateException;
import java.sql.SQLException;
import java.time.Duration;

import javax.net.ssl.SSLHandshakeException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Which refusals fail the start at once and which are waited out.
 */
class ConfigurationFaultTests {

	@ParameterizedTest
	@ValueSource(strings = { "28P01", "28000" })
	void refusedCredentialsAreAFaultOfTheConfiguration(String sqlState) {
		assertThat(ConfigurationFault.of(new SQLException("FATAL: no", sqlState)))
			.isEqualTo(ConfigurationFault.AUTHENTICATION);
	}

	@Test
	void aMissingDatabaseIsAFaultOfTheConfiguration() {
		assertThat(ConfigurationFault.of(new SQLException("FATAL: database \"x\" does not exist", "3D000")))
			.isEqualTo(ConfigurationFault.NO_DATABASE);
	}

	@Test
	void aServerWithoutTlsIsAFaultOfTheConfiguration() {
		assertThat(ConfigurationFault.of(new SQLException("The server does not support SSL.", "08004")))
			.isEqualTo(ConfigurationFault.TLS_REFUSED);
	}

	@Test
	void aCertificateThatIsNotTrustedIsAFaultOfTheConfiguration() {
		SSLHandshakeException handshake = new SSLHandshakeException("PKIX path building failed");
		handshake.initCause(new CertificateException("unable to find valid certification path"));
		SQLException failure = new SQLException("SSL error: PKIX path building failed", "08006",
				new IOException(handshake));
		assertThat(ConfigurationFault.of(failure)).isEqualTo(ConfigurationFault.CERTIFICATE);
	}

	@Test
	void aRefusedPortIsWaitedOut() {
		assertThat(ConfigurationFault.of(new SQLException("refused", "08001", new ConnectException()))).isNull();
	}

	@Test
	void anUnknownHostIsWaitedOut() {
		assertThat(ConfigurationFault.of(new SQLException("failed", "08001", new UnknownHostException("db")))).isNull();
	}

	@ParameterizedTest
	@ValueSource(strings = { "57P03", "08001", "08006", "53300", "57P01", "42P01", "XX000" })
	void allOtherSqlStatesAreWaitedOut(String sqlState) {
		assertThat(ConfigurationFault.of(new SQLException("failed", sqlState))).isNull();
	}

	@Test
	void aFailureWithoutSqlStateIsWaitedOut() {
		assertThat(ConfigurationFault.of(new SQLException("no pool yet"))).isNull();
	}

	@ParameterizedTest
	@EnumSource(ConfigurationFault.class)
	void everyFaultHasAMeaningAndAMend(ConfigurationFault fault) {
		assertThat(fault.meaning()).isNotBlank().endsWith(".");
		assertThat(fault.mend()).isNotBlank().endsWith(".");
	}

	@Test
	void aFaultOfTheConfigurationIsToldInPlainWordsWithWhatTheDriverSaid() {
		DatabaseNotReadyException notReady = new DatabaseNotReadyException("orders", Duration.ofSeconds(1),
				new SQLException("FATAL: database \"x\" does not exist", "3D000"));
		assertThat(notReady).hasMessageContaining("'orders'")
			.hasMessageContaining("The server has no such database.")
			.hasMessageContaining("[3D000] FATAL: database \"x\" does not exist");
		assertThat(notReady.mend()).contains("spring.datasource.url");
		assertThat(notReady.dataSource()).isEqualTo("orders");
		assertThat(notReady.configurationFault()).isEqualTo(ConfigurationFault.NO_DATABASE);
	}

	@Test
	void aDatabaseThatDidNotAnswerIsToldWithTheTimeThatWasWaited() {
		DatabaseNotReadyException notReady = new DatabaseNotReadyException("orders", Duration.ofMillis(2500),
				new SQLException("refused", "08001"));
		assertThat(notReady.getMessage()).contains("did not answer within 2").contains("[08001] refused");
		assertThat(notReady.mend()).contains("db.resilience.startup.max-wait");
		assertThat(notReady.configurationFault()).isNull();
	}

}
