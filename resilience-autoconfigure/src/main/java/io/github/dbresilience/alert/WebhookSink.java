// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.alert;

import org.springframework.boot.json.JsonWriter;

/**
 * Posts each event as a JSON object, whose fields are those of {@link AlertEvent}.
 */
final class WebhookSink implements Sink {

	private static final JsonWriter<AlertEvent> JSON = JsonWriter.of((members) -> {
		members.add("version", 1);
		members.add("status", (event) -> Words.of(event.status()));
		members.add("name", AlertEvent::name);
		members.add("severity", (event) -> Words.of(event.severity()));
		members.add("dataSource", AlertEvent::dataSource);
		members.add("fingerprint", AlertEvent::fingerprint);
		members.add("summary", AlertEvent::summary);
		members.add("value", AlertEvent::value);
		members.add("labels", AlertEvent::labels);
		members.add("startsAt", (event) -> event.startsAt().toString());
		members.add("endsAt", AlertEvent::endsAt).as((endsAt) -> String.valueOf(endsAt));
	});

	private final SinkHttp http;

	private final SinkTarget target;

	WebhookSink(SinkHttp http, SinkTarget target) {
		this.http = http;
		this.target = target;
	}

	@Override
	public void onAlert(AlertEvent event) {
		this.http.post(this.target, JSON.writeToString(event));
	}

}
