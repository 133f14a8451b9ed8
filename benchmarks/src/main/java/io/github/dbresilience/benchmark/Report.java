// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.benchmark;

import java.io.PrintStream;
import java.util.Locale;

/**
 * What was measured, as tables in Markdown.
 */
final class Report {

	private final BenchmarkOptions options;

	private final BenchmarkResult result;

	Report(BenchmarkOptions options, BenchmarkResult result) {
		this.options = options;
		this.result = result;
	}

	void print(PrintStream out) {
		print(out,
				"%n%d pairs of blocks of %d ms; Java %s, %d processors. Median of the pairs [quartiles] (min … max).%n",
				this.options.pairs(), this.options.block().toMillis(), Runtime.version(),
				Runtime.getRuntime().availableProcessors());
		print(out,
				"%n| network | transaction | threads | plain p50 µs | added p50 µs | p50 %% of plain | throughput %% of plain | added CPU µs |%n");
		print(out, "|---|---|---|---|---|---|---|---|%n");
		for (Comparison comparison : this.result.comparisons()) {
			print(out, "| %s | %s | %d | %.1f | %s | %.1f | %s | %.1f |%n", comparison.network(),
					comparison.workload().title(), comparison.threads(), comparison.plainMicros().median(),
					spread(comparison.addedMicros(), 1), 100 * comparison.latencyRatio().median(),
					spread(comparison.throughputRatio(), 100), comparison.addedCpuMicros().median());
		}
		print(out, "%n| transaction | requests, plain | requests, starter |%n|---|---|---|%n");
		for (RoundTrips count : this.result.roundTrips()) {
			print(out, "| %s | %.2f | %.2f |%n", count.workload().title(), count.plain(), count.starter());
		}
	}

	private static String spread(Spread spread, double factor) {
		return String.format(Locale.ROOT, "**%.1f** [%.1f, %.1f] (%.1f … %.1f)", factor * spread.median(),
				factor * spread.lowerQuartile(), factor * spread.upperQuartile(), factor * spread.min(),
				factor * spread.max());
	}

	private static void print(PrintStream out, String format, Object... values) {
		out.printf(Locale.ROOT, format, values);
	}

}
