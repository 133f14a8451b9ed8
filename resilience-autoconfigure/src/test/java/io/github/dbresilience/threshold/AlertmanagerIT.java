// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.threshold;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.dbresilience.alert.AlertEvent;
import io.github.dbresilience.alert.AlertSettings;
import io.github.dbresilience.alert.AlertSeverity;
import io.github.dbresilience.alert.Alerts;
import io.github.dbresilience.alert.ListenerStatistics;
import io.github.dbresilience.alert.Secret;
import io.github.dbresilience.alert.Sinks;
import io.github.dbresilience.testing.Alertmanager;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Every threshold of the table fires, gets worse and is over in a real Alertmanager.
 */
class AlertmanagerIT {

	private static final Duration PATIENCE = Duration.ofSeconds(20);

	private static Alertmanager alertmanager;

	private final Alerts alerts = new Alerts(100);

	/** Yesterday, as an alert that ends in the future is not over. */
	private final Play play = new Play(Instant.now().minus(Duration.ofDays(1)), Trouble.settings());

	@BeforeAll
	static void start() {
		Assumptions.assumeTrue(Alertmanager.isRequired() || Alertmanager.isInstalled(),
				"prometheus-alertmanager is not installed");
		alertmanager = Alertmanager.start();
	}

	@AfterAll
	static void stop() {
		if (alertmanager != null) {
			alertmanager.close();
		}
	}

	@BeforeEach
	void connect() {
		Sinks
			.addTo(this.alerts, new AlertSettings(true, null, 100, new AlertSettings.Log(false, AlertSeverity.WARNING),
					new AlertSettings.Alertmanager(List.of(Secret.valueOf(alertmanager.url())), null, Map.of(), false,
							AlertSeverity.WARNING),
					new AlertSettings.Webhook(null, null, Map.of(), false, AlertSeverity.WARNING),
					new AlertSettings.Pagerduty(null, "https://events.pagerduty.com/v2/enqueue",
							AlertSeverity.CRITICAL),
					new AlertSettings.Slack(null, AlertSeverity.WARNING),
					new AlertSettings.Http(Duration.ofSeconds(2), Duration.ofSeconds(10), 5, Duration.ofSeconds(60))));
	}

	@AfterEach
	void disconnect() {
		this.alerts.close();
	}

	@ParameterizedTest
	@EnumSource
	void aThresholdFiresAndIsOver(ThresholdKind kind) {
		this.play.scene.dataSource = "orders-" + kind.id();
		Trouble.begin(kind, this.play.scene);
		AlertEvent event = tell(Trouble.settings().get(kind).forAtLeast().plusSeconds(31));
		assertThat(active(event)).hasSize(1);
		JsonNode alert = active(event).get(0);
		assertThat(alert.at("/labels/alertname").asText()).isEqualTo(kind.id());
		assertThat(alert.at("/labels/severity").asText()).isEqualTo(event.severity().name().toLowerCase());
		assertThat(alert.at("/labels/instance").asText()).isEqualTo("host1:8080");
		assertThat(alert.at("/annotations/summary").asText()).isEqualTo(event.summary());
		assertThat(alert.at("/annotations/fingerprint").asText()).isEqualTo(event.fingerprint());
		assertThat(Instant.parse(alert.at("/startsAt").asText()))
			.isEqualTo(event.startsAt().truncatedTo(ChronoUnit.MILLIS));
		if (Alertmanager.hasAmtool()) {
			assertThat(alertmanager.amtool()).anyMatch((line) -> line.startsWith(kind.id()) && line.contains("active"));
		}
		this.play.scene = Trouble.end(this.play.scene);
		tell(Duration.ofMinutes(8));
		assertThat(active(event)).isEmpty();
	}

	@ParameterizedTest
	@MethodSource("io.github.dbresilience.threshold.ThresholdEngineTests#kindsWithBothSeverities")
	void anAlertThatGetsWorseIsOneAlertOfTheNewSeverity(ThresholdKind kind) {
		this.play.scene.dataSource = "customers-" + kind.id();
		Trouble.begin(kind, this.play.scene);
		AlertEvent warning = tell(Duration.ofMinutes(3));
		Trouble.worsen(kind, this.play.scene);
		tell(Duration.ofMinutes(3));
		assertThat(active(warning)).extracting((alert) -> alert.at("/labels/severity").asText())
			.containsExactly("critical");
		this.play.scene = Trouble.end(this.play.scene);
		tell(Duration.ofMinutes(3));
		assertThat(active(warning)).isEmpty();
	}

	@Test
	void anAlertThatIsToldAgainKeepsItsBeginning() {
		this.play.scene.dataSource = "again";
		Trouble.begin(ThresholdKind.READ_ONLY, this.play.scene);
		AlertEvent event = tell(Duration.ofMinutes(1));
		JsonNode before = active(event).get(0);
		this.alerts.repeat(this.play.clock.instant());
		this.alerts.repeat(this.play.clock.instant().plusSeconds(60));
		this.alerts.flush(PATIENCE);
		JsonNode after = active(event).get(0);
		assertThat(Instant.parse(after.at("/updatedAt").asText()))
			.isAfter(Instant.parse(before.at("/updatedAt").asText()));
		assertThat(Instant.parse(after.at("/endsAt").asText())).isAfter(Instant.parse(before.at("/endsAt").asText()));
		assertThat(after.at("/startsAt")).isEqualTo(before.at("/startsAt"));
		assertThat(after.at("/fingerprint")).isEqualTo(before.at("/fingerprint"));
	}

	/** Lets time pass and has everything delivered. */
	private AlertEvent tell(Duration time) {
		List<AlertEvent> events = this.play.during(time);
		assertThat(events).hasSize(1);
		events.forEach(this.alerts::publish);
		this.alerts.flush(PATIENCE);
		assertThat(this.alerts.statistics()).extracting(ListenerStatistics::failed).containsExactly(0L);
		return events.get(0);
	}

	private static List<JsonNode> active(AlertEvent event) {
		try {
			List<JsonNode> found = new ArrayList<>();
			new ObjectMapper().readTree(alertmanager.activeAlerts()).forEach((alert) -> {
				if (alert.at("/labels/data_source").asText().equals(event.dataSource())) {
					found.add(alert);
				}
			});
			return found;
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

}
