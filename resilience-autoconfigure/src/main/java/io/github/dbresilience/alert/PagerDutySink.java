// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.alert;

import java.util.LinkedHashMap;
import java.util.Map;

import org.springframework.boot.json.JsonWriter;

/**
 * PagerDuty's Events API version 2. The fingerprint is the {@code dedup_key}, so that an
 * alert that comes again, also after a restart, is the same incident until it is
 * resolved.
 */
final class PagerDutySink implements Sink {

	/** The API takes no longer summary. */
	private static final int LONGEST_SUMMARY = 1024;

	private final SinkHttp http;

	private final SinkTarget target;

	private final Secret routingKey;

	private final JsonWriter<AlertEvent> json = JsonWriter.of((members) -> {
		members.add("routing_key", (event) -> routingKey());
		members.add("event_action", (event) -> (event.status() == AlertEvent.Status.FIRING) ? "trigger" : "resolve");
		members.add("dedup_key", AlertEvent::fingerprint);
		members.add("client", "DB Resilience");
		members.add("payload", (event) -> event).usingMembers((payload) -> {
			payload.add("summary", PagerDutySink::summary);
			payload.add("source", PagerDutySink::source);
			payload.add("severity", (event) -> Words.of(event.severity()));
			payload.add("timestamp", (event) -> event.startsAt().toString());
			payload.add("component", AlertEvent::dataSource);
			payload.add("class", AlertEvent::name);
			payload.add("custom_details", PagerDutySink::details);
		});
	});

	PagerDutySink(SinkHttp http, SinkTarget target, Secret routingKey) {
		this.http = http;
		this.target = target;
		this.routingKey = routingKey;
	}

	private String routingKey() {
		return this.routingKey.reveal();
	}

	private static String summary(AlertEvent event) {
		return Words.atMost(LONGEST_SUMMARY, event.dataSource() + " - " + event.name() + ": " + event.summary());
	}

	private static String source(AlertEvent event) {
		return event.labels().getOrDefault("instance", event.dataSource());
	}

	private static Map<String, String> details(AlertEvent event) {
		Map<String, String> details = new LinkedHashMap<>(event.labels());
		if (event.value() != null) {
			details.put("value", event.value());
		}
		return details;
	}

	@Override
	public void onAlert(AlertEvent event) {
		this.http.post(this.target, this.json.writeToString(event));
	}

}
