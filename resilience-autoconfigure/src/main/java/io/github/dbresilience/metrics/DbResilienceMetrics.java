// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.metrics;

import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.function.ToDoubleFunction;

import io.github.dbresilience.circuitbreaker.BreakerStatistics;
import io.github.dbresilience.commit.CommitOutcome;
import io.github.dbresilience.commit.CommitStatistics;
import io.github.dbresilience.datasource.Protection;
import io.github.dbresilience.monitor.DataSourceMonitor;
import io.github.dbresilience.monitor.HealthMonitor;
import io.github.dbresilience.monitor.PoolCounts;
import io.github.dbresilience.monitor.ServerSnapshot;
import io.github.dbresilience.retry.RetryStatistics;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.TimeGauge;
import io.micrometer.core.instrument.binder.MeterBinder;

/**
 * The meters {@code db.resilience.*} of every data source. A gauge is NaN where its value
 * is not known.
 */
public final class DbResilienceMetrics implements MeterBinder {

	private static final String PREFIX = "db.resilience.";

	private static final String ACQUISITIONS = "acquisition.retried";

	private static final String TRANSACTIONS = "transaction.retried";

	private final HealthMonitor monitor;

	/**
	 * Creates the binder.
	 * @param monitor what it reads
	 */
	public DbResilienceMetrics(HealthMonitor monitor) {
		this.monitor = monitor;
	}

	@Override
	public void bindTo(MeterRegistry registry) {
		this.monitor.onAdded((watched) -> {
			Tags tags = Tags.of("data.source", watched.protection().name());
			breaker(registry, tags, watched.protection());
			pool(registry, tags, watched.protection());
			acquisitions(registry, tags, watched.protection());
			commits(registry, tags, watched.protection());
			transactions(registry, tags, watched.protection().retryTarget().transactions());
			probe(registry, tags, watched);
		});
	}

	private static void breaker(MeterRegistry registry, Tags tags, Protection protection) {
		Gauge.builder(PREFIX + "circuit.breaker.state", protection, (p) -> p.breaker().state().code())
			.description("0 closed, 1 open, 2 half-open")
			.tags(tags)
			.register(registry);
		Gauge
			.builder(PREFIX + "circuit.breaker.consecutive.failures", protection,
					(p) -> p.breaker().consecutiveFailures())
			.description("Failures since the last success")
			.tags(tags)
			.register(registry);
		BreakerStatistics statistics = protection.breaker().statistics();
		calls(registry, tags, "success", statistics, BreakerStatistics::successCount);
		calls(registry, tags, "failure", statistics, BreakerStatistics::failureCount);
		calls(registry, tags, "rejected", statistics, BreakerStatistics::rejectedCount);
		FunctionCounter
			.builder(PREFIX + "circuit.breaker.would.have.opened", statistics, BreakerStatistics::wouldHaveOpenedCount)
			.description("How often the circuit breaker would have opened in mode monitoring")
			.tags(tags)
			.register(registry);
	}

	private static void calls(MeterRegistry registry, Tags tags, String outcome, BreakerStatistics statistics,
			ToDoubleFunction<BreakerStatistics> count) {
		FunctionCounter.builder(PREFIX + "circuit.breaker.calls", statistics, count)
			.description("Leases and acquisitions by what the circuit breaker made of them")
			.tags(tags.and("outcome", outcome))
			.register(registry);
	}

	private static void pool(MeterRegistry registry, Tags tags, Protection protection) {
		connections(registry, tags, "open", protection, PoolCounts::open);
		connections(registry, tags, "idle", protection, PoolCounts::idle);
		connections(registry, tags, "in_use", protection, PoolCounts::inUse);
	}

	private static void connections(MeterRegistry registry, Tags tags, String state, Protection protection,
			ToDoubleFunction<PoolCounts> count) {
		Gauge.builder(PREFIX + "pool.connections", protection, (p) -> {
			PoolCounts counts = PoolCounts.of(p.pool());
			return (counts != null) ? count.applyAsDouble(counts) : Double.NaN;
		}).description("Connections of the pool").tags(tags.and("state", state)).register(registry);
	}

	private static void acquisitions(MeterRegistry registry, Tags tags, Protection protection) {
		RetryStatistics statistics = protection.acquisitions();
		FunctionCounter.builder(PREFIX + "acquisition.retries", statistics, RetryStatistics::retriesCount)
			.description("Attempts to acquire a connection beyond the first")
			.tags(tags)
			.register(registry);
		outcomes(registry, ACQUISITIONS, tags, statistics);
		Gauge.builder(PREFIX + "acquisition.waiting", protection, Protection::waiting)
			.description("Callers that wait for an open circuit breaker")
			.tags(tags)
			.register(registry);
	}

	private static void transactions(MeterRegistry registry, Tags tags, RetryStatistics statistics) {
		FunctionCounter.builder(PREFIX + "transaction.retries", statistics, RetryStatistics::retriesCount)
			.description("Attempts at a transaction beyond the first")
			.tags(tags)
			.register(registry);
		outcomes(registry, TRANSACTIONS, tags, statistics);
		outcome(registry, TRANSACTIONS, tags.and("outcome", "over_budget"), statistics,
				RetryStatistics::overBudgetCount);
	}

	private static void outcomes(MeterRegistry registry, String meter, Tags tags, RetryStatistics statistics) {
		outcome(registry, meter, tags.and("outcome", "recovered"), statistics, RetryStatistics::recoveredCount);
		outcome(registry, meter, tags.and("outcome", "exhausted"), statistics, RetryStatistics::exhaustedCount);
		outcome(registry, meter, tags.and("outcome", "refused"), statistics, RetryStatistics::refusedCount);
		outcome(registry, meter, tags.and("outcome", "interrupted"), statistics, RetryStatistics::interruptedCount);
	}

	private static void outcome(MeterRegistry registry, String meter, Tags tags, RetryStatistics statistics,
			ToDoubleFunction<RetryStatistics> count) {
		FunctionCounter.builder(PREFIX + meter, statistics, count)
			.description("What was or might have been tried again, by what became of it")
			.tags(tags)
			.register(registry);
	}

	private static void commits(MeterRegistry registry, Tags tags, Protection protection) {
		CommitStatistics statistics = protection.commits().statistics();
		for (CommitOutcome outcome : CommitOutcome.values()) {
			FunctionCounter.builder(PREFIX + "commits.lost", statistics, (lost) -> lost.lostCount(outcome))
				.description("COMMITs whose answer was lost, by what was found out")
				.tags(tags.and("outcome", outcome.name().toLowerCase(Locale.ROOT)))
				.register(registry);
		}
		FunctionCounter.builder(PREFIX + "commits.unreplicated", statistics, CommitStatistics::unreplicatedCount)
			.description("Commits whose wait for a synchronous standby was cancelled")
			.tags(tags)
			.register(registry);
		Gauge.builder(PREFIX + "commit.tokens.on", protection, (p) -> p.commits().keeper().isTokenOn() ? 1 : 0)
			.description("1 if commits carry a token, 0 if not")
			.tags(tags)
			.register(registry);
	}

	private static void probe(MeterRegistry registry, Tags tags, DataSourceMonitor watched) {
		TimeGauge.builder(PREFIX + "probe.latency", watched, TimeUnit.SECONDS, (monitor) -> {
			ServerSnapshot serving = monitor.snapshot().serving();
			return (serving != null && serving.latency() != null) ? serving.latency().toNanos() / 1e9 : Double.NaN;
		}).description("Round trip of the last probe").tags(tags).register(registry);
		Gauge
			.builder(PREFIX + "probe.up", watched,
					(monitor) -> (monitor.snapshot().age() == null) ? Double.NaN
							: (monitor.snapshot().serving() != null) ? 1 : 0)
			.description("1 if the last probe reached the database, 0 if not")
			.tags(tags)
			.register(registry);
	}

}
