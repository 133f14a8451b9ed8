// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.datasource;

import java.time.Duration;

/**
 * How the servers of a data source are watched.
 *
 * @param probeInterval how often each is asked whether it is alive while all is well
 * @param sampleInterval how often a full look is taken
 * @param abortHung after how long a silence of the established and of a fresh connection
 * work in flight is given up; zero never
 */
public record MonitorSettings(Duration probeInterval, Duration sampleInterval, Duration abortHung) {

	private static final Duration LONGEST_PROBE = Duration.ofSeconds(2);

	/**
	 * The settings where nothing else is said.
	 * @return the defaults
	 */
	public static MonitorSettings defaults() {
		return new MonitorSettings(Duration.ofMillis(500), Duration.ofSeconds(30), Duration.ofSeconds(3));
	}

	/**
	 * How long one question may take. Two of them in a row make a silence.
	 * @return the time-out of a probe
	 */
	public Duration probeTimeout() {
		return this.abortHung.isZero() ? LONGEST_PROBE : this.abortHung.dividedBy(2);
	}

}
