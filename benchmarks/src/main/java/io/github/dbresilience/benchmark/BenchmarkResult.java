// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.benchmark;

import java.util.List;

/**
 * What a run has measured.
 *
 * @param comparisons the times, by network, workload and threads
 * @param roundTrips the round trips, by workload
 */
record BenchmarkResult(List<Comparison> comparisons, List<RoundTrips> roundTrips) {

	boolean addsRoundTrips() {
		return this.roundTrips.stream().anyMatch((count) -> count.starter() > count.plain());
	}

}
