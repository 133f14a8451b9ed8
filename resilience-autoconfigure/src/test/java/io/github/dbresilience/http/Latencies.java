// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.http;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * How long requests took. Immutable.
 */
final class Latencies {

	private final long[] sorted;

	private Latencies(long[] sorted) {
		this.sorted = sorted;
	}

	/**
	 * Times requests, one after the other, each kind in turn.
	 * @param rounds how often each is made
	 * @param requests the kinds
	 * @return the latencies of each kind
	 */
	static List<Latencies> interleaved(int rounds, Runnable... requests) {
		long[][] nanos = new long[requests.length][rounds];
		for (int i = 0; i < rounds; i++) {
			for (int kind = 0; kind < requests.length; kind++) {
				long start = System.nanoTime();
				requests[kind].run();
				nanos[kind][i] = System.nanoTime() - start;
			}
		}
		return Arrays.stream(nanos).peek(Arrays::sort).map(Latencies::new).toList();
	}

	Duration percentile(double share) {
		int rank = (int) Math.ceil(share * this.sorted.length);
		return Duration.ofNanos(this.sorted[Math.max(1, rank) - 1]);
	}

	@Override
	public String toString() {
		return String.format(Locale.ROOT, "n=%d p50 %.2f ms, p99 %.2f ms, longest %.2f ms", this.sorted.length,
				millis(0.5), millis(0.99), millis(1));
	}

	private double millis(double share) {
		return percentile(share).toNanos() / 1e6;
	}

}
