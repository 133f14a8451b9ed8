// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.benchmark;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * That the benchmark runs and adds no round trip. How fast anything is, is not tested.
 */
class PairedBenchmarkTests {

	private final ByteArrayOutputStream out = new ByteArrayOutputStream();

	private final ByteArrayOutputStream err = new ByteArrayOutputStream();

	@Test
	void everyWorkloadIsComparedAndNoneHasAnAddedRoundTrip() {
		BenchmarkResult result = new PairedBenchmark(BenchmarkOptions.parse("--pairs=2 --block=20ms --threads=2"))
			.run();
		assertThat(result.comparisons()).hasSize(2 * 2 * Workload.values().length).allSatisfy((comparison) -> {
			assertThat(comparison.pairs()).hasSize(2);
			assertThat(comparison.plainMicros().min()).isPositive();
			assertThat(comparison.addedMicros().median()).isFinite();
			assertThat(comparison.addedCpuMicros().median()).isFinite();
			assertThat(comparison.throughputRatio().min()).isFinite().isPositive();
		});
		assertThat(result.roundTrips()).hasSize(Workload.values().length)
			.allSatisfy((count) -> assertThat(count.starter()).isEqualTo(count.plain()).isEqualTo(4));
	}

	@Test
	void anUnknownOptionIsRefused() {
		assertThat(run("--pears=3")).isEqualTo(2);
		assertThat(this.err.toString(StandardCharsets.UTF_8)).contains("--pears=3", "Usage:");
	}

	@Test
	void helpTellsTheOptions() {
		assertThat(run("--help")).isZero();
		assertThat(this.out.toString(StandardCharsets.UTF_8)).contains("--delay");
	}

	@Test
	void thereAreTwentyPairsUnlessSaidOtherwise() {
		assertThat(BenchmarkOptions.parse("").pairs()).isEqualTo(20);
		assertThat(BenchmarkOptions.parse("--block=1s --pairs=3").block()).isEqualTo(Duration.ofSeconds(1));
	}

	@Test
	void anAddedRoundTripIsSeen() {
		RoundTrips same = new RoundTrips(Workload.WRITING, 3, 3);
		assertThat(new BenchmarkResult(List.of(), List.of(same)).addsRoundTrips()).isFalse();
		RoundTrips more = new RoundTrips(Workload.WRITING, 3, 4);
		assertThat(new BenchmarkResult(List.of(), List.of(same, more)).addsRoundTrips()).isTrue();
	}

	@Test
	void figuresAreComparedPairByPair(@TempDir Path directory) {
		Comparison comparison = new Comparison("loopback", Workload.WRITING, 1, 10,
				List.of(new Pair(new Block(100, 1000, 50), new Block(110, 900, 50)),
						new Pair(new Block(200, 500, 50), new Block(230, 500, 50)),
						new Pair(new Block(150, 800, 50), new Block(160, 600, 50))));
		assertThat(comparison.addedMicros()).isEqualTo(new Spread(10, 10, 20, 10, 30));
		assertThat(comparison.throughputRatio().median()).isEqualTo(0.9);
		BenchmarkResult result = new BenchmarkResult(List.of(comparison), List.of());
		CsvFile.write(directory.resolve("new").resolve("pairs.csv"), result);
		assertThat(directory.resolve("new").resolve("pairs.csv")).content()
			.contains("loopback,WRITING,1,10,2,200.00,230.00,500.0,500.0,50.00,50.00");
		new Report(BenchmarkOptions.parse(), result).print(new PrintStream(this.out, true, StandardCharsets.UTF_8));
		assertThat(this.out.toString(StandardCharsets.UTF_8)).contains("**10.0** [10.0, 20.0] (10.0 … 30.0)");
	}

	private int run(String... args) {
		return PairedBenchmark.main(args, new PrintStream(this.out, true, StandardCharsets.UTF_8),
				new PrintStream(this.err, true, StandardCharsets.UTF_8));
	}

}
