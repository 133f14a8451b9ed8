// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.health;

import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Short paths for health beside those of the actuator.
 *
 * @param enabled Whether the health groups basic, detailed, ready and live exist, each
 * with a path of its own.
 * @param prefix What their paths begin with; the group's name follows. One path segment.
 * @param port Port that serves these paths.
 */
public record HealthPathSettings(@DefaultValue("false") boolean enabled, @DefaultValue("/health-") String prefix,
		@DefaultValue("server") Port port) {

	/**
	 * A port of the application.
	 */
	public enum Port {

		/** The one of the application itself. */
		SERVER,

		/** The one of the actuator, where it has its own. */
		MANAGEMENT

	}

}
