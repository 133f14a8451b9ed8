// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.datasource;

import java.time.Duration;
import java.util.List;

import com.zaxxer.hikari.HikariDataSource;
import io.github.dbresilience.circuitbreaker.CircuitBreakerSettings;
import io.github.dbresilience.commit.CommitOutcomeSettings;
import io.github.dbresilience.retry.RetrySettings;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Settings that can hang or that leak are told at start-up.
 */
class SettingsReportTests {

	private static final DataSourceSettings settings = new DataSourceSettings(PoolProfile.API, TlsMode.REQUIRE,
			RetrySettings.defaults(), CircuitBreakerSettings.defaults(),
			new StartupSettings(true, Duration.ofSeconds(60), StartupSettings.OnTimeout.FAIL),
			MonitorSettings.defaults(), CommitOutcomeSettings.defaults());

	@Test
	void theDefaultsAreQuiet() {
		assertThat(warnings("jdbc:postgresql://localhost/app")).isEmpty();
		assertThat(warnings("jdbc:postgresql://db.example.com/app")).isEmpty();
	}

	@Test
	void explicitSettingsThatHangAreTold() {
		assertThat(warnings("jdbc:postgresql://localhost/app?socketTimeout=0&tcpKeepAlive=false"))
			.anyMatch((warning) -> warning.startsWith("socketTimeout=0"))
			.anyMatch((warning) -> warning.startsWith("tcpKeepAlive=false"))
			.hasSize(2);
		assertThat(warnings("jdbc:postgresql://localhost/app?connectTimeout=0&loginTimeout=0"))
			.anyMatch((warning) -> warning.startsWith("connectTimeout=0"))
			.hasSize(1);
	}

	@Test
	void clearTextToARemoteServerIsTold() {
		assertThat(warnings("jdbc:postgresql://db.example.com/app?user=app&password=s3cr3t&sslmode=disable"))
			.singleElement()
			.satisfies((warning) -> assertThat(warning).startsWith("sslmode=disable").doesNotContain("s3cr3t"));
	}

	@Test
	void aPoolTimeoutBeyondTheDeadlineIsTold() {
		HikariDataSource pool = pool("jdbc:postgresql://localhost/app");
		pool.setConnectionTimeout(60_000);
		assertThat(SettingsReport.warnings(pool, settings)).singleElement()
			.asString()
			.contains("connection-timeout=60000 ms");
	}

	private static List<String> warnings(String url) {
		HikariDataSource pool = pool(url);
		new PoolDefaults("app", (property, value) -> false).complete("dataSource", pool, settings);
		return SettingsReport.warnings(pool, settings);
	}

	private static HikariDataSource pool(String url) {
		HikariDataSource pool = new HikariDataSource();
		pool.setJdbcUrl(url);
		return pool;
	}

}
