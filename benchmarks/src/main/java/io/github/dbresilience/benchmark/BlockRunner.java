// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.benchmark;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.IntConsumer;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/**
 * Runs blocks of transactions on its own threads, which stay the same for all blocks. Not
 * thread-safe.
 */
final class BlockRunner implements AutoCloseable {

	private static final ThreadMXBean CPU = ManagementFactory.getThreadMXBean();

	private final List<ExecutorService> threads;

	BlockRunner(int threads) {
		IntFunction<ExecutorService> single = (i) -> Executors
			.newSingleThreadExecutor((work) -> new Thread(work, "benchmark-" + i));
		this.threads = IntStream.range(0, threads).mapToObj(single).toList();
	}

	/**
	 * Runs a block.
	 * @param threads how many threads run it at once
	 * @param transactions how many transactions each of them does
	 * @param transaction runs one transaction; given the number of the thread, from 0
	 * @return what was measured
	 */
	Block run(int threads, int transactions, IntConsumer transaction) {
		CyclicBarrier start = new CyclicBarrier(threads);
		List<Future<Lap>> laps = IntStream.range(0, threads)
			.mapToObj((i) -> this.threads.get(i).submit(() -> lap(start, transactions, () -> transaction.accept(i))))
			.toList();
		return block(laps.stream().map(BlockRunner::get).toList());
	}

	private static Lap lap(CyclicBarrier start, int transactions, Runnable transaction) throws Exception {
		long[] nanos = new long[transactions];
		start.await();
		long cpu = CPU.getCurrentThreadCpuTime();
		long begin = System.nanoTime();
		long last = begin;
		for (int i = 0; i < transactions; i++) {
			transaction.run();
			long now = System.nanoTime();
			nanos[i] = now - last;
			last = now;
		}
		return new Lap(begin, last, CPU.getCurrentThreadCpuTime() - cpu, nanos);
	}

	private static Block block(List<Lap> laps) {
		long begin = laps.stream().mapToLong(Lap::begin).min().orElseThrow();
		long end = laps.stream().mapToLong(Lap::end).max().orElseThrow();
		long[] nanos = laps.stream().map(Lap::nanos).flatMapToLong(Arrays::stream).toArray();
		double cpu = laps.stream().mapToLong(Lap::cpuNanos).sum();
		return new Block(Spread.median(nanos) / 1e3, nanos.length * 1e9 / (end - begin), cpu / nanos.length / 1e3);
	}

	private static Lap get(Future<Lap> lap) {
		try {
			return lap.get();
		}
		catch (ExecutionException ex) {
			throw new IllegalStateException("A transaction of the benchmark failed", ex.getCause());
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new IllegalStateException("The benchmark was interrupted", ex);
		}
	}

	@Override
	public void close() {
		this.threads.forEach(ExecutorService::shutdownNow);
	}

	private record Lap(long begin, long end, long cpuNanos, long[] nanos) {
	}

}
