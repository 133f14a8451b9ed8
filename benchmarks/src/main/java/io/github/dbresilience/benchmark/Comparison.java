// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.benchmark;

import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * The interleaved blocks of one workload.
 *
 * @param network how far away the server is
 * @param workload the transaction
 * @param threads how many threads ran it at once
 * @param transactions how many transactions each thread did in a block
 * @param pairs the blocks
 */
record Comparison(String network, Workload workload, int threads, int transactions, List<Pair> pairs) {

	/**
	 * {@return the median time of a plain transaction, in microseconds}
	 */
	Spread plainMicros() {
		return spread((pair) -> pair.plain().medianMicros());
	}

	/**
	 * {@return by how much the starter's median transaction is longer, in microseconds}
	 */
	Spread addedMicros() {
		return spread((pair) -> pair.starter().medianMicros() - pair.plain().medianMicros());
	}

	/**
	 * {@return how many times as long the starter's median transaction is}
	 */
	Spread latencyRatio() {
		return spread((pair) -> pair.starter().medianMicros() / pair.plain().medianMicros());
	}

	/**
	 * {@return the starter's throughput, as a share of the plain one}
	 */
	Spread throughputRatio() {
		return spread((pair) -> pair.starter().perSecond() / pair.plain().perSecond());
	}

	/**
	 * {@return by how much more processor time a transaction takes in this JVM with the
	 * starter, in microseconds}
	 */
	Spread addedCpuMicros() {
		return spread((pair) -> pair.starter().cpuMicros() - pair.plain().cpuMicros());
	}

	private Spread spread(ToDoubleFunction<Pair> figure) {
		return Spread.of(this.pairs.stream().mapToDouble(figure));
	}

}
