// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.metrics;

import io.github.dbresilience.circuitbreaker.BreakerStatistics;
import io.github.dbresilience.datasource.Protection;

/**
 * What the circuit breaker does.
 */
final class BreakerMeters {

	private BreakerMeters() {
	}

	static void bind(Meters meters, Protection protection) {
		meters.gauge("circuit.breaker.state", "0 closed, 1 open, 2 half-open", protection,
				(read) -> read.breaker().state().code());
		meters.gauge("circuit.breaker.consecutive.failures", "Failures since the last success", protection,
				(read) -> read.breaker().consecutiveFailures());
		BreakerStatistics statistics = protection.breaker().statistics();
		String calls = "Leases and acquisitions by what the circuit breaker made of them";
		meters.with("outcome", "success")
			.counter("circuit.breaker.calls", calls, statistics, BreakerStatistics::successCount);
		meters.with("outcome", "failure")
			.counter("circuit.breaker.calls", calls, statistics, BreakerStatistics::failureCount);
		meters.with("outcome", "rejected")
			.counter("circuit.breaker.calls", calls, statistics, BreakerStatistics::rejectedCount);
		meters.counter("circuit.breaker.would.have.opened",
				"How often the circuit breaker would have opened in mode monitoring", statistics,
				BreakerStatistics::wouldHaveOpenedCount);
	}

}
