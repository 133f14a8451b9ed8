// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.benchmark;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

import org.springframework.boot.convert.DurationStyle;

/**
 * How the benchmark is run.
 *
 * @param pairs how many pairs of blocks are compared
 * @param block how long a block lasts, about
 * @param threads how many threads are used where it is not one
 * @param delay what the network adds to a round trip where it is not loopback
 * @param csv the file for all pairs
 * @param help whether only to say what options there are
 */
record BenchmarkOptions(int pairs, Duration block, int threads, Duration delay, Path csv, boolean help) {

	static final String USAGE = """
			Usage: mvn -pl benchmarks -am verify -Pbenchmark [-Dbenchmark.options="[option]…"]
			  --pairs=20                         interleaved pairs of blocks per workload
			  --block=400ms                      length of a block
			  --threads=4                        threads, beside the runs with one
			  --delay=1ms                        added to each round trip, beside the runs on loopback
			  --csv=target/paired-benchmark.csv  file for the figures of each pair
			  --help                             this text""";

	private static final Set<String> NAMES = Set.of("--pairs", "--block", "--threads", "--delay", "--csv", "--help");

	BenchmarkOptions {
		if (pairs < 1 || threads < 1 || block.isNegative() || block.isZero() || delay.isNegative()) {
			throw new IllegalArgumentException("Pairs, threads and block must be positive, delay not negative");
		}
	}

	/**
	 * Reads options.
	 * @param args options as in {@link #USAGE}, also several in one argument
	 * @throws IllegalArgumentException if one is unknown or has no such value
	 */
	static BenchmarkOptions parse(String... args) {
		Map<String, String> given = new LinkedHashMap<>();
		Arrays.stream(String.join(" ", args).split(" ")).filter((option) -> !option.isBlank()).forEach((option) -> {
			String[] parts = option.split("=", 2);
			if (!NAMES.contains(parts[0]) || (parts.length == 1) != parts[0].equals("--help")) {
				throw new IllegalArgumentException("No such option: " + option);
			}
			given.put(parts[0], parts[parts.length - 1]);
		});
		return new BenchmarkOptions(Integer.parseInt(given.getOrDefault("--pairs", "20")),
				DurationStyle.detectAndParse(given.getOrDefault("--block", "400ms")),
				Integer.parseInt(given.getOrDefault("--threads", "4")),
				DurationStyle.detectAndParse(given.getOrDefault("--delay", "1ms")),
				Path.of(given.getOrDefault("--csv", "target/paired-benchmark.csv")), given.containsKey("--help"));
	}

}
