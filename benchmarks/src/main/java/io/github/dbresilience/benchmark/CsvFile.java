// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.benchmark;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Every pair of a run, a line each.
 */
final class CsvFile {

	private static final String HEADER = "network,workload,threads,transactions,pair,plain_p50_us,starter_p50_us,"
			+ "plain_per_second,starter_per_second,plain_cpu_us,starter_cpu_us";

	private CsvFile() {
	}

	/**
	 * Writes a file.
	 * @param file the file, which is replaced
	 * @throws UncheckedIOException if it cannot be written
	 */
	static void write(Path file, BenchmarkResult result) {
		List<String> lines = new ArrayList<>(List.of(HEADER));
		for (Comparison comparison : result.comparisons()) {
			for (int i = 0; i < comparison.pairs().size(); i++) {
				lines.add(line(comparison, i));
			}
		}
		try {
			Files.createDirectories(file.toAbsolutePath().getParent());
			Files.write(file, lines);
		}
		catch (IOException ex) {
			throw new UncheckedIOException("Cannot write " + file, ex);
		}
	}

	private static String line(Comparison comparison, int index) {
		Pair pair = comparison.pairs().get(index);
		return String.format(Locale.ROOT, "%s,%s,%d,%d,%d,%.2f,%.2f,%.1f,%.1f,%.2f,%.2f", comparison.network(),
				comparison.workload(), comparison.threads(), comparison.transactions(), index + 1,
				pair.plain().medianMicros(), pair.starter().medianMicros(), pair.plain().perSecond(),
				pair.starter().perSecond(), pair.plain().cpuMicros(), pair.starter().cpuMicros());
	}

}
