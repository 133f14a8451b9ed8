// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.endpoint;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import com.zaxxer.hikari.HikariDataSource;
import io.github.dbresilience.alert.AlertEvent;
import io.github.dbresilience.circuitbreaker.BreakerStatistics;
import io.github.dbresilience.circuitbreaker.CircuitBreakerMode;
import io.github.dbresilience.circuitbreaker.CircuitBreakerState;
import io.github.dbresilience.circuitbreaker.DataSourceCircuitBreaker;
import io.github.dbresilience.datasource.Protection;
import io.github.dbresilience.health.SnapshotDetails;
import io.github.dbresilience.monitor.DataSourceMonitor;
import org.jspecify.annotations.Nullable;

/**
 * What is known of one data source and how it is configured. Never with a password, nor
 * with the parameters of a URL.
 *
 * @param database what health says of it: its state, servers, pool, commits, backups and
 * alerts
 * @param circuitBreaker its circuit breaker
 * @param configuration the settings in force, by the names of the properties
 */
public record DataSourceState(Map<String, Object> database, BreakerState circuitBreaker,
		Map<String, Object> configuration) {

	static DataSourceState of(DataSourceMonitor monitor, List<AlertEvent> alerts) {
		Map<String, Object> database = new LinkedHashMap<>(SnapshotDetails.of(monitor.snapshot(), alerts));
		database.remove("circuitBreaker");
		return new DataSourceState(database, BreakerState.of(monitor.protection()),
				configuration(monitor.protection()));
	}

	private static Map<String, Object> configuration(Protection protection) {
		Map<String, Object> configuration = SettingsDescription.of(protection.settings());
		HikariDataSource pool = protection.pool();
		if (pool != null) {
			configuration.put("hikari", SettingsDescription.of(PoolSettings.of(pool)));
		}
		return configuration;
	}

	/**
	 * The circuit breaker of a data source.
	 *
	 * @param state its state
	 * @param mode its mode
	 * @param reason how the state came about
	 * @param successes leases that ended without an outage
	 * @param failures leases and acquisitions that met an outage
	 * @param rejected callers that were turned away
	 * @param consecutiveFailures failures since the last success
	 * @param wouldHaveOpened how often it would have opened in mode monitoring
	 * @param waiting callers that wait out an outage
	 */
	public record BreakerState(CircuitBreakerState state, CircuitBreakerMode mode, String reason, long successes,
			long failures, long rejected, int consecutiveFailures, long wouldHaveOpened, int waiting) {

		static BreakerState of(Protection protection) {
			DataSourceCircuitBreaker breaker = protection.breaker();
			BreakerStatistics statistics = breaker.statistics();
			return new BreakerState(breaker.state(), breaker.mode(), breaker.describe(), statistics.successCount(),
					statistics.failureCount(), statistics.rejectedCount(), breaker.consecutiveFailures(),
					statistics.wouldHaveOpenedCount(), protection.waiting());
		}

	}

	/**
	 * What HikariCP is set to; times in milliseconds.
	 */
	record PoolSettings(@Nullable String poolName, int maximumPoolSize, int minimumIdle, long connectionTimeout,
			long maxLifetime, long idleTimeout, long keepaliveTime, long validationTimeout,
			long leakDetectionThreshold) {

		static PoolSettings of(HikariDataSource pool) {
			return new PoolSettings(pool.getPoolName(), pool.getMaximumPoolSize(), pool.getMinimumIdle(),
					pool.getConnectionTimeout(), pool.getMaxLifetime(), pool.getIdleTimeout(), pool.getKeepaliveTime(),
					pool.getValidationTimeout(), pool.getLeakDetectionThreshold());
		}

	}

}
