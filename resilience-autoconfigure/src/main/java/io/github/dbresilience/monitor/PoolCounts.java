// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.monitor;

import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.HikariPoolMXBean;
import org.jspecify.annotations.Nullable;

/**
 * How many connections a pool has.
 *
 * @param open all of them
 * @param idle those that nobody uses
 * @param inUse those that are leased
 * @param waiting threads that wait for one
 */
public record PoolCounts(int open, int idle, int inUse, int waiting) {

	/**
	 * Counts the connections of a pool.
	 * @param pool the pool
	 * @return the counts, {@code null} if there is no pool or it has not started
	 */
	public static @Nullable PoolCounts of(@Nullable HikariDataSource pool) {
		HikariPoolMXBean counts = (pool != null) ? pool.getHikariPoolMXBean() : null;
		return (counts == null) ? null : new PoolCounts(counts.getTotalConnections(), counts.getIdleConnections(),
				counts.getActiveConnections(), counts.getThreadsAwaitingConnection());
	}

}
