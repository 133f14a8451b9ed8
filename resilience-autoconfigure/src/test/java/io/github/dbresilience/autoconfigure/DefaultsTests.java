// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.autoconfigure;

import java.util.Map;
import java.util.Properties;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.env.DefaultPropertiesPropertySource;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.mock.env.MockEnvironment;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The property source of the lowest precedence.
 */
class DefaultsTests {

	private static final String HIKARI = "spring.datasource.hikari.";

	@ParameterizedTest
	@CsvSource({ "api,25,5,300000,240000", "background,10,2,900000,720000", "compact,20,2,300000,240000" })
	void aProfileSetsThePool(String profile, String size, String idle, String lifetime, String idleTimeout) {
		MockEnvironment environment = process(Map.of("db.resilience.pool.profile", profile));
		assertThat(environment.getProperty(HIKARI + "maximum-pool-size")).isEqualTo(size);
		assertThat(environment.getProperty(HIKARI + "minimum-idle")).isEqualTo(idle);
		assertThat(environment.getProperty(HIKARI + "max-lifetime")).isEqualTo(lifetime);
		assertThat(environment.getProperty(HIKARI + "idle-timeout")).isEqualTo(idleTimeout);
	}

	@Test
	void anExplicitValueWins() {
		MockEnvironment environment = process(Map.of(HIKARI + "maximum-pool-size", "3"));
		assertThat(environment.getProperty(HIKARI + "maximum-pool-size")).isEqualTo("3");
	}

	@Test
	void theDefaultPropertiesOfSpringApplicationWin() {
		StandardEnvironment environment = new StandardEnvironment();
		environment.getPropertySources()
			.addLast(new MapPropertySource(DefaultPropertiesPropertySource.NAME,
					Map.of(HIKARI + "maximumPoolSize", "3")));
		new DefaultsEnvironmentPostProcessor().postProcessEnvironment(environment, new SpringApplication());
		assertThat(environment.getPropertySources()
			.get(DefaultsEnvironmentPostProcessor.NAME)
			.containsProperty(HIKARI + "maximum-pool-size")).isFalse();
	}

	@Test
	void nothingIsAddedWhenDisabled() {
		MockEnvironment environment = process(Map.of("db.resilience.enabled", "false"));
		assertThat(environment.getPropertySources().contains(DefaultsEnvironmentPostProcessor.NAME)).isFalse();
	}

	@ParameterizedTest
	@CsvSource({ "jdbc:postgresql://db.example.com/app,require,require",
			"jdbc:postgresql://db.example.com/app,verify-full,verify-full", "jdbc:postgresql://db.example.com/app,off,",
			"jdbc:postgresql://localhost/app,require,", "jdbc:postgresql://127.0.0.1:5433/app,require,",
			"jdbc:postgresql://[::1]/app,require,", "jdbc:postgresql:app,require,",
			"'jdbc:postgresql://localhost,db2.example.com/app',require,require",
			"jdbc:postgresql://127.0.0.1.evil.example/app,require,require" })
	void tlsIsAskedOfRemoteServersOnly(String url, String tls, String sslmode) {
		MockEnvironment environment = process(Map.of("spring.datasource.url", url, "db.resilience.tls", tls));
		assertThat(environment.getProperty(HIKARI + "data-source-properties.sslmode")).isEqualTo(sslmode);
	}

	@Test
	void anSslmodeInTheUrlWins() {
		MockEnvironment environment = process(
				Map.of("spring.datasource.url", "jdbc:postgresql://db.example.com/app?sslmode=disable"));
		assertThat(environment.containsProperty(HIKARI + "data-source-properties.sslmode")).isFalse();
	}

	@Test
	void theDriverHasTimeoutsAndKeepAlive() {
		MockEnvironment environment = process(Map.of("spring.datasource.url",
				"jdbc:postgresql://localhost/app?socketTimeout=7", "spring.application.name", "shop"));
		String driver = HIKARI + "data-source-properties.";
		assertThat(environment.getProperty(driver + "connectTimeout")).isEqualTo("5");
		assertThat(environment.getProperty(driver + "loginTimeout")).isEqualTo("10");
		assertThat(environment.getProperty(driver + "tcpKeepAlive")).isEqualTo("true");
		assertThat(environment.getProperty(driver + "ApplicationName")).isEqualTo("shop");
		assertThat(environment.containsProperty(driver + "socketTimeout")).isFalse();
	}

	@Test
	void anotherDatabasesDriverIsNotGivenOurProperties() {
		MockEnvironment environment = process(Map.of("spring.datasource.url", "jdbc:h2:mem:app"));
		assertThat(environment.containsProperty(HIKARI + "data-source-properties.connectTimeout")).isFalse();
	}

	private static MockEnvironment process(Map<String, String> properties) {
		MockEnvironment environment = new MockEnvironment();
		Properties source = new Properties();
		source.putAll(properties);
		source.forEach((name, value) -> environment.setProperty(name.toString(), value.toString()));
		new DefaultsEnvironmentPostProcessor().postProcessEnvironment(environment, new SpringApplication());
		return environment;
	}

}
