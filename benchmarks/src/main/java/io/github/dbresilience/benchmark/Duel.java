// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.benchmark;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Both contenders on one network, in one JVM, in turns. Not thread-safe.
 */
final class Duel implements AutoCloseable {

	/** So that the compilers have done their work, and the length of a block is known. */
	private static final int WARM_UP_BLOCKS = 6;

	private final String network;

	private final BenchmarkOptions options;

	private final Contender plain;

	private final Contender starter;

	private final BlockRunner runner;

	Duel(String network, Contender plain, Contender starter, BenchmarkOptions options) {
		this.network = network;
		this.plain = plain;
		this.starter = starter;
		this.options = options;
		this.runner = new BlockRunner(options.threads());
	}

	/**
	 * Measures every workload, first on one thread and then on all.
	 */
	List<Comparison> compare() {
		for (Workload workload : Workload.values()) {
			warmUp(workload, this.options.threads());
		}
		List<Comparison> comparisons = new ArrayList<>();
		IntStream.of(1, this.options.threads()).distinct().forEach((threads) -> {
			for (Workload workload : Workload.values()) {
				comparisons.add(compare(workload, threads));
			}
		});
		return comparisons;
	}

	private Comparison compare(Workload workload, int threads) {
		int transactions = warmUp(workload, threads);
		List<Pair> pairs = new ArrayList<>();
		for (int i = 0; i < this.options.pairs(); i++) {
			// ABBA: what drifts meets both alike
			boolean plainFirst = i % 2 == 0;
			Block first = run(plainFirst ? this.plain : this.starter, workload, threads, transactions);
			Block second = run(plainFirst ? this.starter : this.plain, workload, threads, transactions);
			pairs.add(plainFirst ? new Pair(first, second) : new Pair(second, first));
		}
		return new Comparison(this.network, workload, threads, transactions, pairs);
	}

	/**
	 * Warms both contenders up.
	 * @return how many transactions a thread of the plain one does in the time of a block
	 */
	private int warmUp(Workload workload, int threads) {
		int transactions = 10;
		for (int i = 0; i < WARM_UP_BLOCKS; i++) {
			run(this.starter, workload, threads, transactions);
			double perSecond = run(this.plain, workload, threads, transactions).perSecond();
			transactions = (int) Math.max(10, perSecond / threads * this.options.block().toNanos() / 1e9);
		}
		return transactions;
	}

	private Block run(Contender contender, Workload workload, int threads, int transactions) {
		AccountTransactions bean = contender.transactions();
		return this.runner.run(threads, transactions, (account) -> workload.run(bean, account));
	}

	@Override
	public void close() {
		this.runner.close();
	}

}
