// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.alert;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import org.springframework.boot.json.JsonWriter;

/**
 * An incoming webhook of Slack: a message when an alert begins, changes and is over.
 */
final class SlackSink implements Sink {

	private static final int LONGEST_TEXT = 2000;

	private static final JsonWriter<AlertEvent> JSON = JsonWriter.of((members) -> {
		members.add("text", SlackSink::headline);
		members.add("attachments", (event) -> List.of(attachment(event)));
	});

	private final SinkHttp http;

	private final SinkTarget target;

	SlackSink(SinkHttp http, SinkTarget target) {
		this.http = http;
		this.target = target;
	}

	private static String headline(AlertEvent event) {
		String state = (event.status() == AlertEvent.Status.RESOLVED) ? "resolved" : Words.of(event.severity());
		return escape("[" + state + "] " + event.dataSource() + ": " + event.name());
	}

	private static Map<String, Object> attachment(AlertEvent event) {
		Map<String, Object> attachment = new LinkedHashMap<>();
		attachment.put("color", color(event));
		attachment.put("fallback", escape(Words.atMost(LONGEST_TEXT, event.summary())));
		attachment.put("text", escape(Words.atMost(LONGEST_TEXT, event.summary())));
		attachment.put("fields", event.labels()
			.entrySet()
			.stream()
			.map((label) -> Map.of("title", escape(label.getKey()), "value", escape(label.getValue()), "short", true))
			.toList());
		attachment.put("ts", event.startsAt().getEpochSecond());
		return attachment;
	}

	private static String color(AlertEvent event) {
		if (event.status() == AlertEvent.Status.RESOLVED) {
			return "good";
		}
		return (event.severity() == AlertSeverity.CRITICAL) ? "danger" : "warning";
	}

	/** The three characters that mean something to Slack: links and mentions begin so. */
	private static String escape(String text) {
		return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
	}

	@Override
	public void onAlert(AlertEvent event) {
		this.http.post(this.target, JSON.writeToString(event));
	}

}
