// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.alert;

import java.time.Instant;
import java.util.Map;

import org.jspecify.annotations.Nullable;

/**
 * Something began to be the matter, got worse or better, or is over. Immutable, and never
 * with credentials.
 *
 * @param name what is the matter, in the words of the table of thresholds: for example
 * {@code ping-latency}
 * @param severity how bad it is; of a resolved alert, how bad it was
 * @param status whether it is the matter or over
 * @param dataSource the bean name of the data source
 * @param fingerprint the same for every event of the same alert of the same data source
 * of the same application instance, across restarts too; opaque
 * @param summary one sentence for a person
 * @param labels what else tells this alert from others, a few stable values; never a
 * measured one
 * @param value what was measured, with its unit, {@code null} where nothing is measured
 * @param startsAt when it began
 * @param endsAt when it was over, {@code null} while it is not
 */
public record AlertEvent(String name, AlertSeverity severity, Status status, String dataSource, String fingerprint,
		String summary, Map<String, String> labels, @Nullable String value, Instant startsAt,
		@Nullable Instant endsAt) {

	/** Whether an alert is the matter or over. */
	public enum Status {

		/** It is the matter. */
		FIRING,

		/** It is over. */
		RESOLVED

	}

}
