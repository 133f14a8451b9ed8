// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.health;

import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;

import org.jspecify.annotations.Nullable;

/**
 * A group of details in the order in which they are added. What is not known is left out.
 * A duration becomes a number whose unit is in its name, an instant its ISO text, so that
 * every JSON mapper writes the same.
 */
final class Details {

	private final Map<String, Object> values = new LinkedHashMap<>();

	Details with(String name, @Nullable Object value) {
		if (value instanceof Instant instant) {
			this.values.put(name, instant.toString());
		}
		else if (value != null) {
			this.values.put(name, value);
		}
		return this;
	}

	Details group(String name, @Nullable Details group) {
		if (group != null && !group.values.isEmpty()) {
			this.values.put(name, group.values);
		}
		return this;
	}

	Details millis(String name, @Nullable Duration duration) {
		return with(name, (duration != null) ? rounded(duration.toNanos() / 1e6) : null);
	}

	Details seconds(String name, @Nullable Duration duration) {
		return with(name, (duration != null) ? rounded(duration.toMillis() / 1e3) : null);
	}

	private static double rounded(double value) {
		return Math.round(value * 1000) / 1000.0;
	}

	Map<String, Object> toMap() {
		return this.values;
	}

}
