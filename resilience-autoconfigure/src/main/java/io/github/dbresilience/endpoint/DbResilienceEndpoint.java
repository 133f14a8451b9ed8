// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.endpoint;

import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

import io.github.dbresilience.circuitbreaker.BreakerStatistics;
import io.github.dbresilience.circuitbreaker.CircuitBreakerMode;
import io.github.dbresilience.circuitbreaker.CircuitBreakerState;
import io.github.dbresilience.circuitbreaker.DataSourceCircuitBreaker;
import io.github.dbresilience.datasource.Protection;
import io.github.dbresilience.datasource.ResilientDataSources;
import io.github.dbresilience.monitor.PoolCounts;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.actuate.endpoint.Access;
import org.springframework.boot.actuate.endpoint.InvalidEndpointRequestException;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.annotation.Selector;
import org.springframework.boot.actuate.endpoint.annotation.WriteOperation;

/**
 * Shows the state of every data source and controls its circuit breaker. Read-only unless
 * {@code management.endpoint.dbresilience.access=unrestricted}. Thread-safe.
 */
@Endpoint(id = "dbresilience", defaultAccess = Access.READ_ONLY)
public class DbResilienceEndpoint {

	private final ResilientDataSources dataSources;

	/**
	 * Creates the endpoint.
	 * @param dataSources what it shows
	 */
	public DbResilienceEndpoint(ResilientDataSources dataSources) {
		this.dataSources = dataSources;
	}

	/**
	 * The state of all data sources.
	 * @return the states by bean name
	 */
	@ReadOperation
	public Map<String, DataSourceState> dataSources() {
		Map<String, DataSourceState> states = new TreeMap<>();
		this.dataSources.all().forEach((protection) -> states.put(protection.name(), DataSourceState.of(protection)));
		return states;
	}

	/**
	 * The state of one data source.
	 * @param dataSource its bean name
	 * @return the state, {@code null} (404) if there is none of that name
	 */
	@ReadOperation
	public @Nullable DataSourceState dataSource(@Selector String dataSource) {
		Protection protection = find(dataSource);
		return (protection != null) ? DataSourceState.of(protection) : null;
	}

	/**
	 * Switches the mode of a circuit breaker, or opens or closes it by hand.
	 * @param dataSource the bean name of the data source
	 * @param mode {@code enabled}, {@code monitoring} or {@code disabled}, {@code null}
	 * to leave it
	 * @param state {@code open} or {@code closed}, {@code null} to leave it
	 * @return the new state
	 * @throws InvalidEndpointRequestException if there is no such data source, or the
	 * values make no sense (400)
	 */
	@WriteOperation
	public DataSourceState control(@Selector String dataSource, @Nullable String mode, @Nullable String state) {
		Protection protection = find(dataSource);
		if (protection == null) {
			throw refused("There is no data source '" + dataSource + "' here; there is " + dataSources().keySet());
		}
		if (mode == null && state == null) {
			throw refused("Give mode (enabled, monitoring, disabled), state (open, closed), or both");
		}
		CircuitBreakerMode newMode = (mode != null) ? mode(mode) : protection.breaker().mode();
		Runnable change = (state != null) ? change(protection.breaker(), state) : () -> {
		};
		protection.breaker().setMode(newMode);
		try {
			change.run();
		}
		catch (IllegalStateException ex) {
			throw refused(String.valueOf(ex.getMessage()));
		}
		return DataSourceState.of(protection);
	}

	private static CircuitBreakerMode mode(String mode) {
		try {
			return CircuitBreakerMode.valueOf(mode.toUpperCase(Locale.ROOT));
		}
		catch (IllegalArgumentException ex) {
			throw refused("mode has to be enabled, monitoring or disabled");
		}
	}

	private static Runnable change(DataSourceCircuitBreaker breaker, String state) {
		return switch (state.toLowerCase(Locale.ROOT)) {
			case "open" -> breaker::open;
			case "closed" -> breaker::close;
			default -> throw refused("state has to be open or closed");
		};
	}

	private static InvalidEndpointRequestException refused(String message) {
		return new InvalidEndpointRequestException(message, message);
	}

	private @Nullable Protection find(String name) {
		return this.dataSources.all()
			.stream()
			.filter((protection) -> protection.name().equals(name))
			.findFirst()
			.orElse(null);
	}

	/**
	 * The state of one data source.
	 *
	 * @param circuitBreaker the circuit breaker's state
	 * @param mode the circuit breaker's mode
	 * @param reason how the state came about
	 * @param successes leases that ended without an outage
	 * @param failures leases and acquisitions that met an outage
	 * @param rejected callers that were turned away
	 * @param consecutiveFailures failures since the last success
	 * @param wouldHaveOpened how often it would have opened in mode monitoring
	 * @param waiting callers that wait out an outage
	 * @param pool the pool's connections, {@code null} before it has started
	 */
	public record DataSourceState(CircuitBreakerState circuitBreaker, CircuitBreakerMode mode, String reason,
			long successes, long failures, long rejected, int consecutiveFailures, long wouldHaveOpened, int waiting,
			@Nullable PoolCounts pool) {

		static DataSourceState of(Protection protection) {
			DataSourceCircuitBreaker breaker = protection.breaker();
			BreakerStatistics statistics = breaker.statistics();
			return new DataSourceState(breaker.state(), breaker.mode(), breaker.describe(), statistics.successCount(),
					statistics.failureCount(), statistics.rejectedCount(), breaker.consecutiveFailures(),
					statistics.wouldHaveOpenedCount(), protection.waiting(), PoolCounts.of(protection.pool()));
		}

	}

}
