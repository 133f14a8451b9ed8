// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.health;

import java.time.Clock;
import java.time.Duration;

import io.github.dbresilience.circuitbreaker.CircuitBreakerState;
import io.github.dbresilience.circuitbreaker.DataSourceCircuitBreaker;
import io.github.dbresilience.commit.TokenKeeper;
import io.github.dbresilience.monitor.DataSourceMonitor;
import io.github.dbresilience.monitor.PoolCounts;
import io.github.dbresilience.monitor.ServerSnapshot;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;

/**
 * The health of one database: what the last probe found and what the circuit breaker
 * does.
 */
final class DataSourceHealthIndicator implements HealthIndicator {

	/** How long a probe may take before its silence is told. */
	private static final Duration GRACE = Duration.ofSeconds(10);

	private final DataSourceMonitor monitor;

	private final Clock clock;

	DataSourceHealthIndicator(DataSourceMonitor monitor, Clock clock) {
		this.monitor = monitor;
		this.clock = clock;
	}

	@Override
	public Health health() {
		DataSourceCircuitBreaker breaker = this.monitor.protection().breaker();
		ServerSnapshot last = this.monitor.snapshot()
			.servers()
			.stream()
			.filter((x) -> x.probedAt() != null)
			.findFirst()
			.orElse(null);
		Health.Builder health = status(breaker, last);
		health.withDetail("circuitBreaker", breaker.describe());
		health.withDetail("circuitBreakerMode", breaker.mode());
		health.withDetail("commitTokens", commitTokens());
		health.withDetail("connection", this.monitor.protection().isBehindPooler() ? "pooled" : "direct");
		PoolCounts pool = PoolCounts.of(this.monitor.protection().pool());
		if (pool != null) {
			health.withDetail("pool", pool);
		}
		if (last != null) {
			probe(health, last);
		}
		return health.build();
	}

	private boolean isStale(ServerSnapshot last) {
		Duration interval = this.monitor.protection().settings().monitor().probeInterval();
		return Duration.between(last.probedAt(), this.clock.instant())
			.compareTo(interval.multipliedBy(4).plus(GRACE)) > 0;
	}

	private Health.Builder status(DataSourceCircuitBreaker breaker, @Nullable ServerSnapshot last) {
		if (breaker.state() == CircuitBreakerState.OPEN || (last != null && !last.state().isServing())) {
			return Health.down();
		}
		return (last != null && !isStale(last)) ? Health.up() : Health.unknown();
	}

	private String commitTokens() {
		TokenKeeper keeper = this.monitor.protection().commits().keeper();
		return keeper.isTokenOn() ? "on" : "off: " + keeper.why();
	}

	private void probe(Health.Builder health, ServerSnapshot last) {
		health.withDetail("probedMillisAgo", Duration.between(last.probedAt(), this.clock.instant()).toMillis());
		if (last.fault() != null) {
			health.withDetail("failure", last.fault().describe());
		}
		else {
			if (last.latency() != null)
				health.withDetail("latencyMillis", last.latency().toNanos() / 1_000_000.0);
		}
		if (last.identity() != null) {
			health.withDetail("role", last.identity().role());
		}
	}

}
