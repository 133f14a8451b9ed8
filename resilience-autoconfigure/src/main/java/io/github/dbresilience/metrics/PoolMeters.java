// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.metrics;

import java.util.function.Function;
import java.util.function.ToDoubleFunction;

import io.github.dbresilience.monitor.PoolCounts;
import io.github.dbresilience.monitor.PoolSnapshot;
import org.jspecify.annotations.Nullable;

/**
 * The pool and what callers wait for.
 */
final class PoolMeters {

	private PoolMeters() {
	}

	static void bind(Meters meters, Source source) {
		connections(meters, "open", source, PoolCounts::open);
		connections(meters, "idle", source, PoolCounts::idle);
		connections(meters, "in_use", source, PoolCounts::inUse);
		meters.time("pool.wait.longest", "Longest wait for a connection in about the last ten seconds", source,
				(read) -> read(read, PoolSnapshot::longestWait));
		meters.counter("pool.wait.timed.out", "Callers that waited for a connection in vain", source,
				(read) -> timedOut(read.snapshot().pool()));
	}

	private static void connections(Meters meters, String state, Source source, ToDoubleFunction<PoolCounts> count) {
		meters.with("state", state).gauge("pool.connections", "Connections of the pool", source, (read) -> {
			PoolSnapshot pool = read.snapshot().pool();
			return (pool != null) ? count.applyAsDouble(pool.counts()) : Double.NaN;
		});
	}

	private static <R> @Nullable R read(Source source, Function<PoolSnapshot, R> value) {
		PoolSnapshot pool = source.snapshot().pool();
		return (pool != null) ? value.apply(pool) : null;
	}

	/**
	 * A counter cannot be unknown: nobody has waited for a pool that has not started.
	 */
	private static double timedOut(@Nullable PoolSnapshot pool) {
		return (pool != null) ? pool.waits().timedOut() : 0;
	}

}
