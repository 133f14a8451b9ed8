// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.benchmark;

import java.util.Arrays;
import java.util.stream.DoubleStream;

/**
 * The middle of some values, and how far they lie apart. Quartiles are interpolated.
 *
 * @param median the median
 * @param lowerQuartile a quarter of the values is smaller
 * @param upperQuartile a quarter of the values is greater
 * @param min the smallest value
 * @param max the greatest value
 */
record Spread(double median, double lowerQuartile, double upperQuartile, double min, double max) {

	/**
	 * The spread of values.
	 * @param values at least one
	 */
	static Spread of(DoubleStream values) {
		double[] sorted = values.sorted().toArray();
		if (sorted.length == 0) {
			throw new IllegalArgumentException("There is no spread of nothing");
		}
		return new Spread(quantile(sorted, 0.5), quantile(sorted, 0.25), quantile(sorted, 0.75), sorted[0],
				sorted[sorted.length - 1]);
	}

	/**
	 * The median of many values, which are sorted by this.
	 */
	static double median(long[] values) {
		Arrays.sort(values);
		int half = values.length / 2;
		return (values.length % 2 == 0) ? (values[half - 1] + values[half]) / 2.0 : values[half];
	}

	private static double quantile(double[] sorted, double share) {
		double position = share * (sorted.length - 1);
		int below = (int) position;
		int above = Math.min(below + 1, sorted.length - 1);
		return sorted[below] + (position - below) * (sorted[above] - sorted[below]);
	}

}
