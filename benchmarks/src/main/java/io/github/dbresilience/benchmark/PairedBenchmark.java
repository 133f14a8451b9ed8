// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.benchmark;

import java.io.PrintStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import io.github.dbresilience.testing.FaultProxy;
import io.github.dbresilience.testing.PostgresServer;

/**
 * Runs the same transactions through the starter and through plain HikariCP and Spring,
 * in turns, on one server with durable commits, and tells what the starter adds. To be
 * slow is no failure, to add a round trip is.
 */
public final class PairedBenchmark {

	private static final int ADDS_ROUND_TRIPS = 1;

	private static final int WRONG_OPTION = 2;

	private final BenchmarkOptions options;

	PairedBenchmark(BenchmarkOptions options) {
		this.options = options;
	}

	/**
	 * Runs the benchmark and ends the JVM with 1 if the starter adds a round trip, with 2
	 * if an option is wrong.
	 * @param args the options, also several in one argument
	 */
	public static void main(String[] args) {
		System.exit(main(args, System.out, System.err));
	}

	static int main(String[] args, PrintStream out, PrintStream err) {
		BenchmarkOptions options;
		try {
			options = BenchmarkOptions.parse(args);
		}
		catch (IllegalArgumentException ex) {
			err.println(ex.getMessage());
			err.println(BenchmarkOptions.USAGE);
			return WRONG_OPTION;
		}
		if (options.help()) {
			out.println(BenchmarkOptions.USAGE);
			return 0;
		}
		BenchmarkResult result = new PairedBenchmark(options).run();
		new Report(options, result).print(out);
		CsvFile.write(options.csv(), result);
		if (result.addsRoundTrips()) {
			err.println("The starter adds a round trip");
			return ADDS_ROUND_TRIPS;
		}
		return 0;
	}

	/**
	 * Runs all workloads, with a server of its own.
	 * @return what was measured
	 */
	BenchmarkResult run() {
		try (PostgresServer server = PostgresServer.create(); FaultProxy proxy = FaultProxy.to(server)) {
			AccountTable.create(server, this.options.threads());
			List<Comparison> comparisons = new ArrayList<>(compare("loopback", server, server.jdbcUrl()));
			List<RoundTrips> roundTrips = countRoundTrips(server, proxy);
			proxy.delay(this.options.delay().dividedBy(2));
			comparisons.addAll(compare(name(this.options.delay()), server, proxy.jdbcUrl()));
			return new BenchmarkResult(comparisons, roundTrips);
		}
	}

	private List<Comparison> compare(String network, PostgresServer server, String url) {
		try (Contender plain = Contender.plain(server, url, this.options.threads());
				Contender starter = Contender.starter(server, url, this.options.threads());
				Duel duel = new Duel(network, plain, starter, this.options)) {
			return duel.compare();
		}
	}

	private static List<RoundTrips> countRoundTrips(PostgresServer server, FaultProxy proxy) {
		try (Contender plain = Contender.plain(server, proxy.jdbcUrl(), 1);
				Contender starter = Contender.starter(server, proxy.jdbcUrl(), 1)) {
			return new RoundTripCounter(server, proxy).count(plain, starter);
		}
	}

	private static String name(Duration delay) {
		return "+" + delay.toNanos() / 1e6 + " ms";
	}

}
