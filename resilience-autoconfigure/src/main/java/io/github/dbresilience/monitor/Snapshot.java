// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.monitor;

import java.time.Duration;
import java.time.Instant;
import java.util.List;

import io.github.dbresilience.backup.BackupStatus;
import io.github.dbresilience.circuitbreaker.CircuitBreakerMode;
import io.github.dbresilience.circuitbreaker.CircuitBreakerState;
import org.jspecify.annotations.Nullable;

/**
 * What is known of a data source at one moment, read from memory. Immutable.
 *
 * @param dataSource the bean name of the data source
 * @param at when the snapshot was made
 * @param state what is the matter, over all its servers and its pool
 * @param explanation the state in words, for an operator; never with credentials
 * @param servers its servers, in the order of the URL
 * @param pool its pool, {@code null} before it has started
 * @param breaker its circuit breaker
 * @param commits what became of its COMMITs
 * @param behindPooler whether a pooler between us and the server was met
 * @param backup the backup status file, {@code null} where none is configured
 */
public record Snapshot(String dataSource, Instant at, DatabaseState state, String explanation,
		List<ServerSnapshot> servers, @Nullable PoolSnapshot pool, Breaker breaker, Commits commits,
		boolean behindPooler, @Nullable BackupStatus backup) {

	/**
	 * The server that serves: the one that is up, a primary before a standby.
	 * @return the server, {@code null} if none is up
	 */
	public @Nullable ServerSnapshot serving() {
		ServerSnapshot best = null;
		for (ServerSnapshot server : this.servers) {
			if (server.state().isServing() && (best == null || !isPrimary(best) && isPrimary(server))) {
				best = server;
			}
		}
		return best;
	}

	/**
	 * How old the oldest probe of its servers is.
	 * @return the age, {@code null} if a server was not probed yet
	 */
	public @Nullable Duration age() {
		Duration oldest = Duration.ZERO;
		for (ServerSnapshot server : this.servers) {
			if (server.probedAt() == null) {
				return null;
			}
			Duration age = Duration.between(server.probedAt(), this.at);
			oldest = (age.compareTo(oldest) > 0) ? age : oldest;
		}
		return oldest;
	}

	private static boolean isPrimary(ServerSnapshot server) {
		return server.identity() != null && server.identity().isPrimary();
	}

	/**
	 * The circuit breaker.
	 *
	 * @param state its state
	 * @param mode its mode
	 * @param since for how long it has been in that state
	 * @param openedByHand whether somebody opened it
	 * @param description state and reason in words
	 */
	public record Breaker(CircuitBreakerState state, CircuitBreakerMode mode, Duration since, boolean openedByHand,
			String description) {

	}

	/**
	 * COMMITs that did not end as they should.
	 *
	 * @param tokens whether commits carry a token
	 * @param whyNoTokens why they do not, {@code null} if they do or are not meant to
	 * @param unknown lost COMMITs whose outcome could not be found out
	 * @param unreplicated commits whose wait for a synchronous standby was cancelled
	 */
	public record Commits(boolean tokens, @Nullable String whyNoTokens, long unknown, long unreplicated) {

	}

}
