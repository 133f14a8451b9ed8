// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.autoconfigure;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import java.util.Map;

import io.github.dbresilience.alert.Alerts;
import io.github.dbresilience.alert.InvalidAlertSettingException;
import io.github.dbresilience.alert.ListenerStatistics;
import io.github.dbresilience.threshold.ThresholdKind;
import io.github.dbresilience.threshold.ThresholdSettings;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.boot.actuate.autoconfigure.context.properties.ConfigurationPropertiesReportEndpointAutoConfiguration;
import org.springframework.boot.actuate.autoconfigure.env.EnvironmentEndpointAutoConfiguration;
import org.springframework.boot.actuate.context.properties.ConfigurationPropertiesReportEndpoint;
import org.springframework.boot.actuate.env.EnvironmentEndpoint;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.env.SystemEnvironmentPropertySource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Properties of alerts: the good, the bad, and those that nobody may see.
 */
@ExtendWith(OutputCaptureExtension.class)
class AlertPropertiesTests {

	private static final String KEY = "s3cr3tkey0123456789abcdef0123456";

	/** No server is there, and none is needed. */
	private final ApplicationContextRunner runner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(DataSourceAutoConfiguration.class, DbResilienceAutoConfiguration.class,
				DbResilienceAlertAutoConfiguration.class))
		.withPropertyValues("spring.datasource.url=jdbc:postgresql://localhost:1/app",
				"db.resilience.startup.wait=false");

	@Test
	void allSinksAreMadeFromProperties() {
		this.runner
			.withPropertyValues(
					"db.resilience.alerts.alertmanager.urls=https://am1.invalid:9093, https://am2.invalid:9093/",
					"db.resilience.alerts.alertmanager.bearer-token=s3cr3t-token",
					"db.resilience.alerts.alertmanager.headers.X-Scope-OrgID=s3cr3t-org",
					"db.resilience.alerts.webhook.url=http://hooks.invalid/s3cr3t",
					"db.resilience.alerts.webhook.allow-http=true", "db.resilience.alerts.pagerduty.routing-key=" + KEY,
					"db.resilience.alerts.slack.url=https://hooks.slack.invalid/services/T0/B0/s3cr3t")
			.run((context) -> {
				assertThat(context).hasNotFailed();
				assertThat(context.getBean(Alerts.class).statistics()).extracting(ListenerStatistics::listener)
					.containsExactly("log", "alertmanager-1", "alertmanager-2", "webhook", "pagerduty", "slack",
							"spring-events", "recycling");
				assertThat(context.getBean(DbResilienceProperties.class).toString()).doesNotContain("s3cr3t");
			});
	}

	@Test
	void whatIsEmptyIsOff() {
		this.runner
			.withPropertyValues("db.resilience.alerts.alertmanager.urls=", "db.resilience.alerts.webhook.url=",
					"db.resilience.alerts.pagerduty.routing-key=", "db.resilience.alerts.slack.url=")
			.run((context) -> assertThat(context.getBean(Alerts.class).statistics())
				.extracting(ListenerStatistics::listener)
				.containsExactly("log", "spring-events", "recycling"));
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', textBlock = """
			alertmanager.urls[0]     | http://am.invalid/s3cr3t  | alertmanager.allow-http=true
			alertmanager.urls[0]     | ftp://am.invalid/s3cr3t   | begins with https://
			alertmanager.urls[0]     | https://u:s3cr3t@am.invalid | Send them as a header
			webhook.url              | http://hooks.invalid/s3cr3t | everybody on the way could read and forge alerts
			webhook.url              | s3cr3t                    | begins with https://
			webhook.url              | https://h/s3cr3t%zz       | is not a URL
			slack.url                | http://hooks.invalid/s3cr3t | Use https://
			webhook.url              | https://h:70000/s3cr3t    | a port below 65536
			slack.url                | https:///s3cr3t           | has a host
			pagerduty.routing-key    | s3cr3t                    | 32 letters and digits
			""")
	void aValueThatCannotBeUsedIsRefusedWithoutShowingIt(String property, String value, String message,
			CapturedOutput output) {
		this.runner.withPropertyValues("db.resilience.alerts." + property + "=" + value).run((context) -> {
			assertThat(context).hasFailed();
			StringWriter trace = new StringWriter();
			context.getStartupFailure().printStackTrace(new PrintWriter(trace));
			FailureAnalysis analysis = new InvalidAlertSettingFailureAnalyzer().analyze(context.getStartupFailure());
			assertThat(analysis.getDescription()).contains("db.resilience.alerts." + property).contains(message);
			assertThat(analysis.getAction()).contains("db.resilience.alerts." + property);
			assertThat(trace + analysis.getDescription() + analysis.getAction()).doesNotContain("s3cr3t");
		});
		assertThat(output).doesNotContain("s3cr3t");
	}

	@ParameterizedTest
	@CsvSource({ "alertmanager.headers.Host,am", "webhook.headers[a b],x", "webhook.bearer-token,'s3cr3t\tx'" })
	void aHeaderThatHttpDoesNotAllowIsRefused(String property, String value) {
		this.runner
			.withPropertyValues("db.resilience.alerts.alertmanager.urls=https://am.invalid",
					"db.resilience.alerts.webhook.url=https://hooks.invalid",
					"db.resilience.alerts." + property + "=" + value)
			.run((context) -> {
				assertThat(context).hasFailed();
				assertThat(
						new InvalidAlertSettingFailureAnalyzer().analyze(context.getStartupFailure()).getDescription())
					.startsWith("db.resilience.alerts.")
					.doesNotContain("s3cr3t");
			});
	}

	@ParameterizedTest
	@CsvSource({ "alerts.queue-capacity,0,between 1 and 10000", "alerts.http.max-attempts,0,between 1 and 100",
			"alerts.http.connect-timeout,0s,between 1ms and 60s", "alerts.http.request-timeout,2m,between 1ms and 60s",
			"alerts.http.max-duration,2h,between 1ms and 1h", "alerts.slack.minimum-severity,bad,minimum-severity" })
	void aValueOutOfRangeIsRefused(String property, String value, String message) {
		this.runner.withPropertyValues("db.resilience." + property + "=" + value).run((context) -> {
			assertThat(context).hasFailed();
			assertThat(context.getStartupFailure()).hasStackTraceContaining(message);
		});
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', textBlock = """
			health.thresholds.ping-latenzy.warning  | 1s   | is no threshold. There are database-unreachable
			health.thresholds.ping-latency.warning  | soon | soon' cannot be read. It is a time with its unit
			health.thresholds.connections.critical  | 200% | 200%' cannot be read
			data-sources.orders.health.thresholds.nothing.for | 1s | is no threshold
			data-sources.orders.health.thresholds.ping-latency.for | soon | soon' cannot be read
			data-sources[ordersDb].health.thresholds.replication-lag.critical | 1 | 1' cannot be read
			""")
	void aThresholdThatCannotBeReadIsRefusedWithItsName(String property, String value, String message) {
		this.runner.withPropertyValues("db.resilience." + property + "=" + value).run((context) -> {
			assertThat(context).hasFailed();
			assertThatExceptionOfType(InvalidAlertSettingException.class).isThrownBy(() -> {
				for (Throwable ex = context.getStartupFailure(); ex != null; ex = ex.getCause()) {
					if (ex instanceof InvalidAlertSettingException found) {
						throw found;
					}
				}
			})
				.withMessageStartingWith("db.resilience." + property.replaceFirst("\\.[a-z]+$", ""))
				.withMessageContaining(message);
		});
	}

	@Test
	void aDataSourceHasThresholdsOfItsOwnAndTheCommonOnesElsewhere() {
		StandardEnvironment environment = new StandardEnvironment();
		environment.getPropertySources()
			.addFirst(new MapPropertySource("test",
					Map.of("db.resilience.health.thresholds.ping-latency.warning", "200ms",
							"db.resilience.health.thresholds.ping-latency.for", "10s",
							"db.resilience.data-sources.orders.health.thresholds.ping-latency.warning", "off",
							"db.resilience.data-sources[ordersDb].health.thresholds.read-only.enabled", "false")));
		SettingsResolver resolver = new SettingsResolver(environment);
		resolver.checkThresholds();
		Map<ThresholdKind, ThresholdSettings> common = resolver.thresholds("dataSource");
		assertThat(common.get(ThresholdKind.PING_LATENCY))
			.isEqualTo(new ThresholdSettings(true, 0.2, 1.0, Duration.ofSeconds(10), Duration.ofMinutes(1)));
		assertThat(common).containsOnlyKeys(ThresholdKind.values());
		assertThat(resolver.thresholds("orders").get(ThresholdKind.PING_LATENCY))
			.isEqualTo(new ThresholdSettings(true, null, 1.0, Duration.ofSeconds(10), Duration.ofMinutes(1)));
		assertThat(resolver.thresholds("orders").get(ThresholdKind.READ_ONLY).enabled()).isTrue();
		assertThat(resolver.thresholds("ordersDb").get(ThresholdKind.READ_ONLY).enabled()).isFalse();
	}

	@Test
	void anEnvironmentVariableLeavesTheDashesOut() {
		StandardEnvironment environment = new StandardEnvironment();
		environment.getPropertySources()
			.addFirst(new SystemEnvironmentPropertySource("systemEnvironment",
					Map.of("DB_RESILIENCE_HEALTH_THRESHOLDS_PINGLATENCY_WARNING", "200ms",
							"DB_RESILIENCE_HEALTH_THRESHOLDS_PINGLATENCY_RESOLVEAFTER", "5s")));
		SettingsResolver resolver = new SettingsResolver(environment);
		resolver.checkThresholds();
		assertThat(resolver.thresholds("any").get(ThresholdKind.PING_LATENCY))
			.isEqualTo(new ThresholdSettings(true, 0.2, 1.0, Duration.ofSeconds(30), Duration.ofSeconds(5)));
	}

	@Test
	void theActuatorShowsNoSecretsEvenWhereItShowsValues() {
		this.runner
			.withConfiguration(AutoConfigurations.of(ConfigurationPropertiesReportEndpointAutoConfiguration.class,
					EnvironmentEndpointAutoConfiguration.class))
			.withInitializer((context) -> context.getEnvironment()
				.getPropertySources()
				.addFirst(new SystemEnvironmentPropertySource("systemEnvironment",
						Map.of("DB_RESILIENCE_ALERTS_SLACK_URL", "https://hooks.slack.invalid/services/s3cr3t",
								"DB_RESILIENCE_ALERTS_WEBHOOK_BEARERTOKEN", "s3cr3t"))))
			.withPropertyValues("management.endpoints.web.exposure.include=*",
					"management.endpoint.env.show-values=always", "management.endpoint.configprops.show-values=always",
					"management.endpoints.jmx.exposure.include=*", "spring.jmx.enabled=true",
					"db.resilience.alerts.pagerduty.routing-key=" + KEY,
					"db.resilience.alerts.alertmanager.urls[0]=https://s3cr3t.invalid",
					"db.resilience.alerts.webhook.url=https://hooks.invalid/s3cr3t",
					"db.resilience.alerts.webhook.headers.X-Key=s3cr3t",
					"db.resilience.alerts.alertmanager.bearer-token=s3cr3t", "db.resilience.alerts.instance=shown")
			.run((context) -> {
				assertThat(context).hasNotFailed();
				String env = show(context.getBean(EnvironmentEndpoint.class).environment("db.*"));
				String properties = show(
						context.getBean(ConfigurationPropertiesReportEndpoint.class).configurationProperties());
				assertThat(env).contains("shown").doesNotContain("s3cr3t");
				assertThat(properties).contains("shown").doesNotContain("s3cr3t");
			});
	}

	private static String show(Object answer) {
		return JsonMapper.builder().build().writeValueAsString(answer);
	}

}
