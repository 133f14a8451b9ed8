// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.metrics;

import java.util.function.ToDoubleFunction;

import io.github.dbresilience.datasource.Protection;
import io.github.dbresilience.retry.RetryStatistics;

/**
 * What was tried again.
 */
final class RetryMeters {

	private static final String ACQUISITIONS = "acquisition.retried";

	private static final String TRANSACTIONS = "transaction.retried";

	private RetryMeters() {
	}

	static void bind(Meters meters, Protection protection) {
		RetryStatistics acquisitions = protection.acquisitions();
		meters.counter("acquisition.retries", "Attempts to acquire a connection beyond the first", acquisitions,
				RetryStatistics::retriesCount);
		outcomes(meters, ACQUISITIONS, acquisitions);
		meters.gauge("acquisition.waiting", "Callers that wait for an open circuit breaker", protection,
				Protection::waiting);
		RetryStatistics transactions = protection.retryTarget().transactions();
		meters.counter("transaction.retries", "Attempts at a transaction beyond the first", transactions,
				RetryStatistics::retriesCount);
		outcomes(meters, TRANSACTIONS, transactions);
		outcome(meters, TRANSACTIONS, "over_budget", transactions, RetryStatistics::overBudgetCount);
	}

	private static void outcomes(Meters meters, String name, RetryStatistics statistics) {
		outcome(meters, name, "recovered", statistics, RetryStatistics::recoveredCount);
		outcome(meters, name, "exhausted", statistics, RetryStatistics::exhaustedCount);
		outcome(meters, name, "refused", statistics, RetryStatistics::refusedCount);
		outcome(meters, name, "interrupted", statistics, RetryStatistics::interruptedCount);
	}

	private static void outcome(Meters meters, String name, String outcome, RetryStatistics statistics,
			ToDoubleFunction<RetryStatistics> count) {
		meters.with("outcome", outcome)
			.counter(name, "What was or might have been tried again, by what became of it", statistics, count);
	}

}
