// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.monitor;

import java.time.Duration;

import io.github.dbresilience.datasource.Waits;

/**
 * What is known of a pool that has started. Immutable.
 *
 * @param counts its connections
 * @param maximumSize how many it may have
 * @param minimumIdle how many it keeps idle
 * @param waits what callers have waited for connections lately
 * @param stuck whether, between this look and the one before, callers waited, all
 * connections were in use and none was handed out
 */
public record PoolSnapshot(PoolCounts counts, int maximumSize, int minimumIdle, Waits waits, boolean stuck) {

	/**
	 * The share of idle connections.
	 * @return between 0 and 1; 0 for an empty pool
	 */
	public double idleShare() {
		return (this.counts.open() == 0) ? 0 : (double) this.counts.idle() / this.counts.open();
	}

	/**
	 * The longest wait for a connection lately.
	 * @return a duration, zero if nobody waited
	 */
	public Duration longestWait() {
		return this.waits.longest();
	}

}
