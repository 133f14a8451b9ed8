// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.alert;

import java.time.Instant;
import java.util.Map;

import io.github.dbresilience.alert.AlertEvent.Status;

/**
 * Alert events of tests.
 */
final class Events {

	static final Instant BEGAN = Instant.parse("2026-01-31T02:00:41Z");

	private Events() {
	}

	static AlertEvent firing(String name, AlertSeverity severity) {
		return event(name, severity, Status.FIRING);
	}

	static AlertEvent resolved(String name, AlertSeverity severity) {
		return event(name, severity, Status.RESOLVED);
	}

	private static AlertEvent event(String name, AlertSeverity severity, Status status) {
		return new AlertEvent(name, severity, status, "dataSource", "fingerprint-of-" + name,
				"A ping of the server takes 620 ms \"<&>\"", Map.of("application", "shop", "instance", "host1:8080"),
				"620 ms", BEGAN, (status == Status.RESOLVED) ? BEGAN.plusSeconds(90) : null);
	}

}
