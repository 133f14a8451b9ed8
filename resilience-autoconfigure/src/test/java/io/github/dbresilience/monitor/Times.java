// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.monitor;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * Measured times of one thing that was done again and again.
 */
final class Times {

	private final String what;

	private final List<Duration> times = new ArrayList<>();

	Times(String what) {
		this.what = what;
	}

	void add(Duration time) {
		this.times.add(time);
	}

	/**
	 * The time that a share of all did not exceed.
	 */
	Duration percentile(int percent) {
		List<Duration> sorted = new ArrayList<>(this.times);
		Collections.sort(sorted);
		int rank = (int) Math.ceil(percent / 100.0 * sorted.size());
		return sorted.get(Math.max(0, rank - 1));
	}

	void print() {
		System.out.printf("%s, %d times: p50 %d ms, p99 %d ms, longest %d ms%n", this.what, this.times.size(),
				percentile(50).toMillis(), percentile(99).toMillis(), percentile(100).toMillis());
	}

}
