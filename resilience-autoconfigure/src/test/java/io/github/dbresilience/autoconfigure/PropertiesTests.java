// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.autoconfigure;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Configuration;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Values that make no sense are refused, with the property and the range.
 */
class PropertiesTests {

	private final ApplicationContextRunner runner = new ApplicationContextRunner().withUserConfiguration(Bound.class);

	@ParameterizedTest
	@CsvSource(delimiter = '|', textBlock = """
			retry.max-attempts          | 0      | must be between 1 and 1000
			retry.max-attempts          | -3     | must be between 1 and 1000
			retry.initial-interval      | 0ms    | must be between 1ms and 1h
			retry.max-interval          | 10ms   | must not be shorter than initial-interval
			retry.max-duration          | 25h    | must be between 1ms and 1h
			retry.multiplier            | 0.5    | must be between 1 and 100
			retry.multiplier            | NaN    | must be between 1 and 100
			retry.max-waiting           | -1     | must be between 0 and 100000
			retry.budget.ratio          | -0.1   | must be between 0 and 100
			retry.budget.ratio          | NaN    | must be between 0 and 100
			retry.budget.min-per-second | -1     | must be between 0 and 100000
			circuit-breaker.failure-threshold | 0 | must be between 1 and 1000
			circuit-breaker.half-open-calls | 0  | must be between 1 and 100
			circuit-breaker.window      | 1ms    | must be between 1s and 1h
			circuit-breaker.open-duration | 0s   | must be between 100ms and 1h
			startup.max-wait            | -1s    | must be between 0s and 1h
			health.probe-interval       | 1ms    | must be between 100ms and 1h
			health.sample-interval      | 999ms  | must be between 1s and 1h
			health.sample-interval      | 61m    | must be between 1s and 1h
			health.paths.prefix         | /a/b-  | must be one path segment such as /health-
			health.paths.prefix         | a:b    | must be one path segment such as /health-
			health.paths.prefix         | {x}    | must be one path segment such as /health-
			operations.catalog.failure-threshold | 0 | must be between 1 and 1000
			""")
	void aValueOutOfRangeIsRefused(String property, String value, String message) {
		this.runner.withPropertyValues("db.resilience." + property + "=" + value).run((context) -> {
			assertThat(context).hasFailed();
			assertThat(context.getStartupFailure()).hasStackTraceContaining(message);
		});
	}

	@ParameterizedTest
	@CsvSource({ "retry.max-attempts,banana", "circuit-breaker.mode,sometimes", "tls,perhaps", "pool.profile,huge",
			"startup.on-timeout,panic", "readiness,sometimes", "health.paths.port,http", "health.paths.enabled,maybe",
			"retry.max-duration,soon", "retry.transactions,maybe", "retry.inside-transaction,perhaps" })
	void aValueOfTheWrongKindIsRefused(String property, String value) {
		this.runner.withPropertyValues("db.resilience." + property + "=" + value).run((context) -> {
			assertThat(context).hasFailed();
			assertThat(context.getStartupFailure()).hasStackTraceContaining("db.resilience." + property)
				.hasStackTraceContaining(value);
		});
	}

	@ParameterizedTest
	@CsvSource({ "/var/lib/db-resilience/status.json", "relative/status.json", "/with blank/ä.json" })
	void theStatusFileOfTheBackupsNeedNotExist(String path) {
		this.runner.withPropertyValues("db.resilience.backup.status-file=" + path)
			.run((context) -> assertThat(context.getBean(DbResilienceProperties.class).backup().statusFile())
				.hasToString(path));
	}

	@Test
	void anEmptyStatusFileMeansNone() {
		this.runner.withPropertyValues("db.resilience.backup.status-file=")
			.run((context) -> assertThat(context.getBean(DbResilienceProperties.class).backup().statusFile()).isNull());
	}

	@Configuration(proxyBeanMethods = false)
	@EnableConfigurationProperties(DbResilienceProperties.class)
	static class Bound {

	}

}
