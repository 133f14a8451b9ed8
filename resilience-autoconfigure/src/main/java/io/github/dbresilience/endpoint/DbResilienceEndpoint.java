// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.endpoint;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Supplier;

import io.github.dbresilience.alert.AlertEvent;
import io.github.dbresilience.monitor.DataSourceMonitor;
import io.github.dbresilience.monitor.HealthMonitor;
import io.github.dbresilience.monitor.MonitorControl;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.actuate.endpoint.Access;
import org.springframework.boot.actuate.endpoint.InvalidEndpointRequestException;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.annotation.Selector;
import org.springframework.boot.actuate.endpoint.annotation.WriteOperation;

/**
 * Shows the state of every data source, from memory, and controls its circuit breaker and
 * its monitor. Read-only unless
 * {@code management.endpoint.dbresilience.access=unrestricted}. Thread-safe.
 */
@Endpoint(id = "dbresilience", defaultAccess = Access.READ_ONLY)
public class DbResilienceEndpoint {

	private final HealthMonitor monitor;

	private final Function<DataSourceMonitor, MonitorControl> controls;

	private final Supplier<List<AlertEvent>> alerts;

	/**
	 * Creates the endpoint.
	 * @param monitor what it shows
	 * @param controls how the monitor of a data source is told what to do
	 * @param alerts the alerts that fire now; read from memory
	 */
	public DbResilienceEndpoint(HealthMonitor monitor, Function<DataSourceMonitor, MonitorControl> controls,
			Supplier<List<AlertEvent>> alerts) {
		this.monitor = monitor;
		this.controls = controls;
		this.alerts = alerts;
	}

	/**
	 * The state of all data sources.
	 * @return the states and what happened lately
	 */
	@ReadOperation
	public ResilienceState dataSources() {
		Map<String, DataSourceState> states = new TreeMap<>();
		List<AlertEvent> firing = this.alerts.get();
		this.monitor.all()
			.forEach((watched) -> states.put(watched.protection().name(), DataSourceState.of(watched, firing)));
		return new ResilienceState(states,
				this.monitor.events().newestFirst().stream().map(ResilienceState.Event::of).toList());
	}

	/**
	 * The state of one data source.
	 * @param dataSource its bean name
	 * @return the state, {@code null} (404) if there is none of that name
	 */
	@ReadOperation
	public @Nullable DataSourceState dataSource(@Selector String dataSource) {
		DataSourceMonitor watched = find(dataSource);
		return (watched != null) ? DataSourceState.of(watched, this.alerts.get()) : null;
	}

	/**
	 * Switches the mode of a circuit breaker, opens or closes it by hand, or has the
	 * monitor do something.
	 * @param dataSource the bean name of the data source
	 * @param mode {@code enabled}, {@code monitoring} or {@code disabled}, {@code null}
	 * to leave it
	 * @param state {@code open} or {@code closed}, {@code null} to leave it
	 * @param action {@code recycle}, {@code probe} or {@code reset-fence}, instead of
	 * mode and state
	 * @return the new state
	 * @throws InvalidEndpointRequestException if there is no such data source, or the
	 * values make no sense (400); nothing is done then
	 */
	@WriteOperation
	public DataSourceState control(@Selector String dataSource, @Nullable String mode, @Nullable String state,
			@Nullable String action) {
		DataSourceMonitor watched = find(dataSource);
		if (watched == null) {
			throw ControlRequest.refused("There is no data source '" + ControlRequest.echo(dataSource)
					+ "' here; there is " + dataSources().dataSources().keySet());
		}
		ControlRequest.of(mode, state, action)
			.applyTo(watched.protection().breaker(), () -> this.controls.apply(watched));
		return DataSourceState.of(watched, this.alerts.get());
	}

	private @Nullable DataSourceMonitor find(String name) {
		return this.monitor.all()
			.stream()
			.filter((watched) -> watched.protection().name().equals(name))
			.findFirst()
			.orElse(null);
	}

}
