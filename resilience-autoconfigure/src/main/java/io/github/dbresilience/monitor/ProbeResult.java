// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.monitor;

import java.time.Duration;
import java.time.Instant;

import io.github.dbresilience.fault.Fault;
import io.github.dbresilience.topology.ServerRole;
import org.jspecify.annotations.Nullable;

/**
 * What one probe found.
 *
 * @param at when it ended
 * @param latency how long its round trip took, without the time to connect
 * @param role the server's role, {@code null} if it did not answer
 * @param fault why it did not answer, {@code null} if it did
 */
public record ProbeResult(Instant at, Duration latency, @Nullable ServerRole role, @Nullable Fault fault) {

	/**
	 * Whether the server answered.
	 * @return {@code true} if it did
	 */
	public boolean isAlive() {
		return this.fault == null;
	}

}
