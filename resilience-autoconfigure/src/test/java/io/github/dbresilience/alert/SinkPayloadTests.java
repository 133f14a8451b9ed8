// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.alert;

import java.time.Duration;
import java.util.List;
import java.util.Map;

import com.fasterxml.jackson.databind.JsonNode;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static io.github.dbresilience.alert.AlertSeverity.CRITICAL;
import static io.github.dbresilience.alert.AlertSeverity.WARNING;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * What sinks send, held against what their receivers say they take.
 */
class SinkPayloadTests {

	private static final String ROUTING_KEY = "0123456789abcdef0123456789abcdef";

	private final SinkServer server = new SinkServer();

	private final Alerts alerts = new Alerts(100);

	@BeforeEach
	void start() {
		AlertSettings.Http http = new AlertSettings.Http(Duration.ofSeconds(5), Duration.ofSeconds(5), 1,
				Duration.ofSeconds(5));
		Secret url = Secret.valueOf(this.server.url());
		Sinks.addTo(this.alerts, new AlertSettings(true, null, 100, new AlertSettings.Log(false, WARNING),
				new AlertSettings.Alertmanager(List.of(url, Secret.valueOf(this.server.url() + "/prefix/")), null,
						Map.of(), false, WARNING),
				new AlertSettings.Webhook(Secret.valueOf(this.server.url() + "/webhook"), null, Map.of(), false,
						WARNING),
				new AlertSettings.Pagerduty(Secret.valueOf(ROUTING_KEY), this.server.url() + "/v2/enqueue", CRITICAL),
				new AlertSettings.Slack(Secret.valueOf(this.server.url() + "/services/T0/B0/x"), WARNING), http));
	}

	@AfterEach
	void stop() {
		this.alerts.close();
		this.server.close();
	}

	@ParameterizedTest
	@CsvSource({ "alertmanager,/api/v2/alerts", "alertmanager,/prefix/api/v2/alerts", "webhook,/webhook",
			"pagerduty,/v2/enqueue", "slack,/services/T0/B0/x" })
	void thePayloadHasTheShapeThatIsDocumented(String shape, String path) {
		tell(Events.firing("ping-latency", WARNING), Events.firing("ping-latency", CRITICAL),
				Events.resolved("ping-latency", CRITICAL), hostile());
		JsonShape expected = JsonShape.of(shape);
		assertThat(bodies(path)).hasSizeGreaterThanOrEqualTo(3)
			.allSatisfy((body) -> assertThat(expected.problems(body)).isEmpty());
	}

	@Test
	void theShapesAreNoEmptyChecks() {
		assertThat(JsonShape.of("alertmanager").problems("[{\"labels\":{\"a-b\":\"x\"},\"startsAt\":\"now\"}]"))
			.hasSize(3);
		assertThat(JsonShape.of("pagerduty").problems("{\"event_action\":\"fire\",\"payload\":{}}"))
			.hasSizeGreaterThanOrEqualTo(4);
		assertThat(JsonShape.of("slack").problems("{\"txt\":1}")).hasSize(2);
		assertThat(JsonShape.of("webhook").problems("{}")).hasSizeGreaterThanOrEqualTo(8);
	}

	@Test
	void alertmanagerIsToldThatTheOldSeverityIsOver() {
		tell(Events.firing("ping-latency", WARNING), Events.firing("ping-latency", CRITICAL),
				Events.resolved("ping-latency", CRITICAL));
		List<String> bodies = bodies("/api/v2/alerts");
		assertThat(bodies).hasSize(3);
		assertThat(bodies("/prefix/api/v2/alerts")).hasSize(3);
		JsonNode worse = JsonShape.parse(bodies.get(1));
		assertThat(worse).hasSize(2);
		assertThat(worse.get(0).at("/labels/severity").asText()).isEqualTo("warning");
		assertThat(worse.get(0).has("endsAt")).isTrue();
		assertThat(worse.get(1).at("/labels/severity").asText()).isEqualTo("critical");
		assertThat(worse.get(1).has("endsAt")).isFalse();
		JsonNode over = JsonShape.parse(bodies.get(2));
		assertThat(over).hasSize(1);
		assertThat(over.at("/0/labels")).isEqualTo(worse.at("/1/labels"));
		assertThat(over.at("/0/endsAt").asText()).isEqualTo("2026-01-31T02:02:11Z");
		assertThat(over.at("/0/labels/alertname").asText()).isEqualTo("ping-latency");
		assertThat(over.at("/0/labels/data_source").asText()).isEqualTo("dataSource");
		assertThat(over.at("/0/labels/instance").asText()).isEqualTo("host1:8080");
		assertThat(over.at("/0/labels").toString()).doesNotContain("620 ms");
	}

	@Test
	void alertmanagerIsToldAgainEveryMinuteInOneRequest() {
		tell(Events.firing("ping-latency", WARNING), Events.firing("read-only", CRITICAL));
		this.alerts.repeat(Events.BEGAN);
		this.alerts.repeat(Events.BEGAN.plusSeconds(60));
		this.alerts.flush(Duration.ofSeconds(10));
		JsonNode again = JsonShape.parse(bodies("/api/v2/alerts").get(2));
		assertThat(again).hasSize(2).noneMatch((alert) -> alert.has("endsAt"));
		assertThat(bodies("/webhook")).hasSize(2);
	}

	@Test
	void pagerDutyTriggersAndResolvesOneIncident() {
		tell(Events.firing("read-only", CRITICAL), Events.resolved("read-only", CRITICAL));
		List<String> bodies = bodies("/v2/enqueue");
		assertThat(bodies).extracting((body) -> JsonShape.parse(body).at("/event_action").asText())
			.containsExactly("trigger", "resolve");
		assertThat(bodies).allSatisfy((body) -> {
			assertThat(JsonShape.parse(body).at("/dedup_key").asText()).isEqualTo("fingerprint-of-read-only");
			assertThat(JsonShape.parse(body).at("/routing_key").asText()).isEqualTo(ROUTING_KEY);
		});
	}

	@Test
	void slackCannotBeMadeToMentionAnybody() {
		tell(hostile());
		assertThat(bodies("/services/T0/B0/x").get(0)).contains("&lt;!channel&gt;").doesNotContain("<!channel>");
	}

	/** A server's message goes into a summary. */
	private static AlertEvent hostile() {
		AlertEvent plain = Events.firing("hostile", CRITICAL);
		return new AlertEvent(plain.name(), plain.severity(), plain.status(), "orders-\"ds\"", plain.fingerprint(),
				"<!channel> \"quoted\" \\ \u0001 \uD83D\uDE00".repeat(2000),
				Map.of("application", "", "a b-c", "x\ny", "instance", "h"), null, plain.startsAt(), null);
	}

	private void tell(AlertEvent... events) {
		for (AlertEvent event : events) {
			this.alerts.publish(event);
		}
		this.alerts.flush(Duration.ofSeconds(20));
		assertThat(this.alerts.statistics()).extracting(ListenerStatistics::failed).containsOnly(0L);
	}

	private List<String> bodies(String path) {
		return this.server.received()
			.stream()
			.filter((received) -> received.path().equals(path))
			.map(SinkServer.Received::body)
			.toList();
	}

}
