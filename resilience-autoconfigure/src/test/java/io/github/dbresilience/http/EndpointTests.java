// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.http;

import java.net.http.HttpResponse;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;

import io.github.dbresilience.alert.AlertEvent;
import io.github.dbresilience.alert.AlertSeverity;
import io.github.dbresilience.endpoint.DbResilienceEndpoint;
import io.github.dbresilience.monitor.DataSourceMonitor;
import io.github.dbresilience.monitor.HealthMonitor;
import io.github.dbresilience.monitor.MonitorControl;
import io.github.dbresilience.monitor.MonitorEvent;
import io.github.dbresilience.monitor.Snapshot;
import io.github.dbresilience.testing.PostgresServer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The endpoint {@code dbresilience} over HTTP: what it shows, what it does, what it
 * refuses.
 */
class EndpointTests {

	private static final String ENDPOINT = "/actuator/dbresilience";

	private static final String DATA_SOURCE = ENDPOINT + "/dataSource";

	private static final List<String> done = new CopyOnWriteArrayList<>();

	private static PostgresServer server;

	private static WebApplication application;

	@BeforeAll
	static void start() {
		server = PostgresServer.create();
		application = WebApplication.start(server, server.jdbcUrl() + "?options=-c%20search_path%3Dhush",
				List.of(Recording.class), "management.endpoint.dbresilience.access=unrestricted",
				"db.resilience.health.probe-interval=100ms");
	}

	@AfterAll
	static void stop() {
		application.close();
		server.close();
	}

	@BeforeEach
	void forget() {
		if (!server.isRunning()) {
			server.start();
		}
		await("UP");
		done.clear();
	}

	@Test
	void showsStateConfigurationEventsAndAlerts() throws SQLException {
		application.dataSource().getConnection().close();
		JsonNode all = json(application.get(ENDPOINT));
		JsonNode one = all.at("/dataSources/dataSource");
		assertThat(one.at("/database/state").asString()).isEqualTo("UP");
		assertThat(one.at("/database/servers/0/latencyMillis").asDouble()).isPositive();
		assertThat(one.at("/database/pool/maximumSize").asInt()).isEqualTo(25);
		assertThat(one.at("/database/alerts/0/name").asString()).isEqualTo("ping-latency");
		assertThat(one.at("/circuitBreaker/state").asString()).isEqualTo("CLOSED");
		assertThat(one.at("/configuration/retry/max-duration").asString()).isEqualTo("15s");
		assertThat(one.at("/configuration/retry/budget/min-per-second").asInt()).isEqualTo(10);
		assertThat(one.at("/configuration/circuit-breaker/mode").asString()).isEqualTo("enabled");
		assertThat(one.at("/configuration/commit-outcome/strategy").asString()).isEqualTo("token");
		assertThat(one.at("/configuration/monitor/probe-interval").asString()).isEqualTo("100ms");
		assertThat(one.at("/configuration/hikari/maximum-pool-size").asInt()).isEqualTo(25);
		assertThat(all.at("/events").toString()).contains("it began");
		assertThat(json(application.get(DATA_SOURCE)).at("/database/state").asString()).isEqualTo("UP");
	}

	@ParameterizedTest
	@ValueSource(strings = { ENDPOINT, DATA_SOURCE, "/actuator/health", "/actuator/prometheus" })
	void noSecretIsShownInGoodTimesOrBad(String path) {
		assertThat(application.get(path).body()).contains("localhost")
			.doesNotContain(server.password(), "search_path", "hush", "jdbc:");
		server.killPostmasterAndBackends();
		await("DOWN");
		assertThat(application.get(path).body()).contains("localhost")
			.doesNotContain(server.password(), "search_path", "hush", "jdbc:");
	}

	@Test
	void answersWhileTheDatabaseIsDead() {
		server.killPostmasterAndBackends();
		await("DOWN");
		assertThat(application.get(ENDPOINT).statusCode()).isEqualTo(200);
		assertThat(application.post(DATA_SOURCE, "{\"action\": \"probe\"}").statusCode()).isEqualTo(200);
		assertThat(application.post(DATA_SOURCE, "{\"state\": \"closed\"}").statusCode()).isEqualTo(200);
		assertThat(application.get("/actuator/health").statusCode()).isEqualTo(503);
		assertThat(application.get("/actuator/prometheus").body())
			.contains("db_resilience_database_state{data_source=\"dataSource\",state=\"down\"} 1.0");
	}

	@ParameterizedTest
	@CsvSource({ "recycle,recycle: asked for through the actuator", "RECYCLE,recycle: asked for through the actuator",
			"probe,probe for PT5S", "reset-fence,reset-fence" })
	void anActionIsDoneAndTheNewStateIsTheAnswer(String action, String what) {
		HttpResponse<String> response = application.post(DATA_SOURCE, "{\"action\": \"%s\"}".formatted(action));
		assertThat(response.statusCode()).isEqualTo(200);
		assertThat(json(response).at("/database/state").asString()).isEqualTo("UP");
		assertThat(done).containsExactly(what);
	}

	@Test
	void theBreakerIsControlled() {
		assertThat(state(application.post(DATA_SOURCE, "{\"state\": \"open\"}"))).isEqualTo("OPEN");
		assertThat(application.get("/actuator/health").statusCode()).isEqualTo(503);
		assertThat(state(application.post(DATA_SOURCE, "{\"state\": \"closed\"}"))).isEqualTo("CLOSED");
		assertThat(application.post(DATA_SOURCE, "{\"mode\": \"monitoring\"}").body())
			.contains("\"mode\":\"MONITORING\"");
		assertThat(application.post(DATA_SOURCE, "{\"mode\": \"enabled\"}").body()).contains("\"mode\":\"ENABLED\"");
		assertThat(done).isEmpty();
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', quoteCharacter = '`',
			textBlock = """
					{}                                          | Give mode (enabled, monitoring, disabled)
					{"acton": "recycle"}                        | Give mode (enabled, monitoring, disabled)
					{"action": "drop"}                          | action has to be recycle, probe or reset-fence, not 'drop'
					{"action": ""}                              | action has to be recycle, probe or reset-fence, not ''
					{"action": "reset_fence"}                   | action has to be recycle, probe or reset-fence
					{"action": 5}                               | action has to be recycle, probe or reset-fence, not '5'
					{"action": "recycle", "state": "open"}      | Give either action, or mode and state
					{"action": "recycle", "mode": "enabled"}    | Give either action, or mode and state
					{"mode": "sometimes"}                       | mode has to be enabled, monitoring or disabled, not 'sometimes'
					{"state": "half-open"}                      | state has to be open or closed, not 'half-open'
					{"mode": "monitoring", "state": "open"}     | cannot be opened in mode MONITORING
					{"mode": "disabled", "state": "ajar"}       | state has to be open or closed, not 'ajar'
					""")
	void whatMakesNoSenseIsRefusedAsAWhole(String body, String message) {
		HttpResponse<String> response = application.post(DATA_SOURCE, body);
		assertThat(response.statusCode()).isEqualTo(400);
		assertThat(response.body()).contains(message);
		assertThat(done).isEmpty();
		assertThat(json(application.get(DATA_SOURCE)).at("/circuitBreaker/mode").asString()).isEqualTo("ENABLED");
	}

	@ParameterizedTest
	@ValueSource(strings = { "", "recycle", "[]", "[{\"action\": \"recycle\"}]", "{\"action\": ", "null",
			"{\"action\": {\"recycle\": 1}}", "{\"action\": [\"recycle\"]}" })
	void aBodyThatIsNotAnObjectOfTextsIsRefused(String body) {
		assertThat(application.post(DATA_SOURCE, body).statusCode()).isEqualTo(400);
		assertThat(done).isEmpty();
	}

	@Test
	void hostileTextIsToldBackShortAndHarmless() {
		HttpResponse<String> response = application.post(DATA_SOURCE,
				"{\"action\": \"\\u0000\\u001b[31m" + "x".repeat(100_000) + "\"}");
		assertThat(response.statusCode()).isEqualTo(400);
		assertThat(response.body()).contains("??[31mxxx").hasSizeLessThan(1000);
	}

	@Test
	void aDataSourceThatIsNotThereIsToldWithThoseThatAre() {
		assertThat(application.get(ENDPOINT + "/nothing").statusCode()).isEqualTo(404);
		HttpResponse<String> response = application.post(ENDPOINT + "/nothing", "{\"action\": \"recycle\"}");
		assertThat(response.statusCode()).isEqualTo(400);
		assertThat(response.body()).contains("There is no data source 'nothing' here; there is [dataSource]");
	}

	@Test
	void withoutTheRightNothingIsWritten() {
		try (WebApplication readOnly = WebApplication.start(server, server.jdbcUrl(), List.of(Recording.class))) {
			assertThat(readOnly.get(ENDPOINT).statusCode()).isEqualTo(200);
			assertThat(readOnly.post(DATA_SOURCE, "{\"action\": \"recycle\"}").statusCode()).isEqualTo(405);
			assertThat(done).isEmpty();
		}
	}

	private static String state(HttpResponse<String> response) {
		return json(response).at("/circuitBreaker/state").asString();
	}

	private static JsonNode json(HttpResponse<String> response) {
		return JsonMapper.shared().readTree(response.body());
	}

	private static void await(String status) {
		Awaitility.await()
			.untilAsserted(() -> assertThat(
					json(application.get("/actuator/health/dbResilience/dataSource")).at("/status").asString())
				.isEqualTo(status));
	}

	@Configuration(proxyBeanMethods = false)
	static class Recording {

		@Bean
		DbResilienceEndpoint endpoint(HealthMonitor monitor, Supplier<List<AlertEvent>> alerts) {
			monitor.events().add(new MonitorEvent(Instant.EPOCH, "dataSource", MonitorEvent.Kind.STATE, "it began"));
			return new DbResilienceEndpoint(monitor, RecordingControl::new, alerts);
		}

		@Bean
		Supplier<List<AlertEvent>> alerts() {
			AlertEvent alert = new AlertEvent("ping-latency", AlertSeverity.WARNING, AlertEvent.Status.FIRING,
					"dataSource", "f", "the ping takes long", Map.of(), null, Instant.EPOCH, null);
			return () -> List.of(alert);
		}

	}

	private record RecordingControl(DataSourceMonitor monitor) implements MonitorControl {

		@Override
		public void recycle(String reason) {
			done.add("recycle: " + reason);
		}

		@Override
		public Snapshot probeNow(Duration maxWait) {
			done.add("probe for " + maxWait);
			return this.monitor.snapshot();
		}

		@Override
		public void resetFence() {
			done.add("reset-fence");
		}

	}

}
