// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.datasource;

import io.github.dbresilience.circuitbreaker.CircuitBreakerSettings;
import io.github.dbresilience.commit.CommitOutcomeSettings;
import io.github.dbresilience.retry.RetrySettings;

/**
 * The settings of one data source.
 *
 * @param profile the defaults of its pool
 * @param tls what is asked of a remote server
 * @param retry how the acquisition of a connection is tried again
 * @param circuitBreaker when its circuit breaker opens
 * @param startup what happens when it is away at start-up
 * @param monitor how its servers are watched
 * @param commitOutcome how the outcome of a lost COMMIT is found out
 */
public record DataSourceSettings(PoolProfile profile, TlsMode tls, RetrySettings retry,
		CircuitBreakerSettings circuitBreaker, StartupSettings startup, MonitorSettings monitor,
		CommitOutcomeSettings commitOutcome) {

}
