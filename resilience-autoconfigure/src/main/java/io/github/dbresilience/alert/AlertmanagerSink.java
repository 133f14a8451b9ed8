// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.alert;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import org.jspecify.annotations.Nullable;

import org.springframework.boot.json.JsonWriter;

/**
 * One member of an Alertmanager cluster, by its API version 2. It forgets what it is not
 * told again within its {@code resolve_timeout} (5 min), so it is told every minute. The
 * severity is a label there, and so part of the alert's identity: an alert that changes
 * it is resolved with the old one. Used by the one thread of its channel.
 */
final class AlertmanagerSink implements Sink {

	private static final JsonWriter<List<Posted>> JSON = JsonWriter
		.of((list) -> list.add().as((posted) -> posted.stream().map(AlertmanagerSink::json).toList()));

	private final SinkHttp http;

	private final SinkTarget target;

	private final Map<String, AlertEvent> told = new HashMap<>();

	AlertmanagerSink(SinkHttp http, SinkTarget target) {
		this.http = http;
		this.target = target;
	}

	@Override
	public void onAlert(AlertEvent event) {
		List<Posted> posted = new ArrayList<>();
		AlertEvent before = this.told.get(event.fingerprint());
		if (before != null && before.severity() != event.severity()) {
			posted.add(new Posted(before, now()));
		}
		if (event.status() == AlertEvent.Status.RESOLVED) {
			posted.add(new Posted(event, String.valueOf(event.endsAt())));
			this.told.remove(event.fingerprint());
		}
		else {
			posted.add(new Posted(event, null));
			this.told.put(event.fingerprint(), event);
		}
		post(posted);
	}

	@Override
	public void onStillFiring(List<AlertEvent> firing) {
		firing.forEach((event) -> this.told.put(event.fingerprint(), event));
		post(firing.stream().map((event) -> new Posted(event, null)).toList());
	}

	private void post(List<Posted> posted) {
		this.http.post(this.target, JSON.writeToString(posted));
	}

	private static String now() {
		return Instant.now().toString();
	}

	private static Map<String, Object> json(Posted posted) {
		AlertEvent event = posted.event();
		Map<String, String> labels = new LinkedHashMap<>();
		labels.put("alertname", event.name());
		labels.put("severity", Words.of(event.severity()));
		labels.put("data_source", event.dataSource());
		event.labels().forEach((name, value) -> labels.putIfAbsent(name.replaceAll("[^A-Za-z0-9_]", "_"), value));
		labels.values().removeIf(String::isEmpty);
		Map<String, String> annotations = new LinkedHashMap<>();
		annotations.put("summary", event.summary());
		annotations.put("fingerprint", event.fingerprint());
		if (event.value() != null) {
			annotations.put("value", event.value());
		}
		Map<String, Object> json = new LinkedHashMap<>();
		json.put("labels", labels);
		json.put("annotations", annotations);
		json.put("startsAt", event.startsAt().toString());
		if (posted.endsAt() != null) {
			json.put("endsAt", posted.endsAt());
		}
		return json;
	}

	/**
	 * An alert as Alertmanager is told of it.
	 *
	 * @param event the alert
	 * @param endsAt when it was over, {@code null} if it is not
	 */
	private record Posted(AlertEvent event, @Nullable String endsAt) {

	}

}
