// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.datasource;

import java.util.Locale;

import io.github.dbresilience.topology.IdentityQuery;
import io.github.dbresilience.topology.ServerAddress;
import io.github.dbresilience.topology.ServerIdentity;
import io.github.dbresilience.topology.TimelineFence;
import org.jspecify.annotations.Nullable;

/**
 * Which server of a data source is used: the one that the monitor prefers where there are
 * several, and never a primary that was left behind by a promotion. Thread-safe.
 */
public final class ServerChoice {

	private final TimelineFence fence = new TimelineFence();

	private final IdentityQuery identity = new IdentityQuery();

	private volatile @Nullable ServerAddress preferred;

	ServerChoice() {
	}

	/**
	 * Keeps stale primaries away.
	 * @return the fence
	 */
	public TimelineFence fence() {
		return this.fence;
	}

	/**
	 * Asks servers who they are.
	 * @return the query
	 */
	public IdentityQuery identity() {
		return this.identity;
	}

	/**
	 * The server that new connections go to.
	 * @return the server, {@code null} for the driver's choice
	 */
	public @Nullable ServerAddress preferred() {
		return this.preferred;
	}

	/**
	 * Sets the server that new connections go to.
	 * @param server the server, {@code null} for the driver's choice
	 */
	public void prefer(@Nullable ServerAddress server) {
		this.preferred = server;
	}

	static String refusal(ServerIdentity stale, TimelineFence fence) {
		return String.format(Locale.ROOT,
				"the server calls itself primary on timeline %d, but timeline %d was seen: it was left behind by a "
						+ "promotion, and what it is given to write will be lost",
				stale.timeline(), fence.known(stale.systemIdentifier()));
	}

}
