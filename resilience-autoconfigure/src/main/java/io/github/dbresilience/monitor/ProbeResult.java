// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.monitor;

import java.time.Duration;
import java.time.Instant;

import io.github.dbresilience.fault.Fault;
import io.github.dbresilience.topology.ServerIdentity;
import io.github.dbresilience.topology.ServerRole;
import org.jspecify.annotations.Nullable;

/**
 * What one probe found.
 *
 * @param at when it ended
 * @param latency how long the round trip took that was answered, zero if none was
 * @param identity who the server said it is, {@code null} if it did not answer
 * @param fault why it did not answer, {@code null} if it did
 * @param established what came back on the connection that was there
 * @param fresh what came back when a new one was opened
 * @param freshFault why no new one could be opened, {@code null} if one was or none was
 * tried
 */
record ProbeResult(Instant at, Duration latency, @Nullable ServerIdentity identity, @Nullable Fault fault,
		Answer established, Answer fresh, @Nullable Fault freshFault) {

	/**
	 * Whether the server answered.
	 */
	boolean isAlive() {
		return this.identity != null;
	}

	@Nullable ServerRole role() {
		return (this.identity != null) ? this.identity.role() : null;
	}

	/**
	 * Whether nobody was heard: neither on the connection that was there nor on a new
	 * one. A connection that was cut while a new one is refused says nothing of the
	 * others.
	 */
	boolean isSilent() {
		return !isAlive() && (this.fresh == Answer.SILENCE
				|| (this.established == Answer.SILENCE && this.fresh == Answer.BROKEN));
	}

	/**
	 * The state of the server as far as the probe alone can tell.
	 */
	DatabaseState state() {
		if (isAlive()) {
			return (this.freshFault != null) ? DatabaseState.NO_NEW_CONNECTIONS : DatabaseState.UP;
		}
		String sqlState = (this.fault != null) ? this.fault.sqlState() : null;
		return switch (this.fresh) {
			case SILENCE -> DatabaseState.UNREACHABLE;
			case ERROR -> stateBy((sqlState != null) ? sqlState : "");
			default -> DatabaseState.DOWN;
		};
	}

	private static DatabaseState stateBy(String sqlState) {
		return switch (sqlState) {
			case "57P03", "57P01", "57P02" -> DatabaseState.STARTING_UP;
			case "53300" -> DatabaseState.TOO_MANY_CONNECTIONS;
			default -> DatabaseState.REFUSED;
		};
	}

}
