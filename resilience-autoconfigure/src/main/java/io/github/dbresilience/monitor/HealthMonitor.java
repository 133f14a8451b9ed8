// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.monitor;

import java.time.Clock;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.Consumer;
import java.util.function.Supplier;

import io.github.dbresilience.backup.BackupStatus;
import io.github.dbresilience.datasource.Protection;
import io.github.dbresilience.datasource.ResilientDataSources;
import org.jspecify.annotations.Nullable;

import org.springframework.context.SmartLifecycle;

/**
 * The monitors of all data sources. They start with the application, before it takes
 * requests, and end after it has stopped taking them. Thread-safe.
 */
public final class HealthMonitor implements SmartLifecycle {

	private final Map<String, DataSourceMonitor> monitors = new ConcurrentSkipListMap<>();

	private final List<Consumer<DataSourceMonitor>> listeners = new ArrayList<>();

	private final RecentEvents events = new RecentEvents();

	private final Watchdog watchdog = new Watchdog();

	private final Supplier<@Nullable BackupStatus> backup;

	private final Clock clock;

	private volatile boolean running;

	/**
	 * Creates the monitor of all data sources, present and future.
	 * @param dataSources the data sources
	 * @param backup reads the backup status file, gives {@code null} where there is none
	 * @param clock tells when a probe was made
	 */
	public HealthMonitor(ResilientDataSources dataSources, Supplier<@Nullable BackupStatus> backup, Clock clock) {
		this.backup = backup;
		this.clock = clock;
		dataSources.onAdded(this::added);
	}

	private synchronized void added(Protection protection) {
		DataSourceMonitor monitor = new DataSourceMonitor(protection, this.events, this.backup, this.watchdog,
				this.clock);
		this.monitors.put(protection.name(), monitor);
		if (this.running) {
			monitor.start();
		}
		this.listeners.forEach((listener) -> listener.accept(monitor));
	}

	/**
	 * Tells of every monitor, those that are known already included.
	 * @param listener told once per monitor
	 */
	public synchronized void onAdded(Consumer<DataSourceMonitor> listener) {
		this.listeners.add(listener);
		this.monitors.values().forEach(listener);
	}

	/**
	 * The monitors in the order of the data sources' names.
	 * @return a live view
	 */
	public Collection<DataSourceMonitor> all() {
		return Collections.unmodifiableCollection(this.monitors.values());
	}

	/**
	 * What happened lately.
	 * @return the events of all data sources
	 */
	public RecentEvents events() {
		return this.events;
	}

	@Override
	public void start() {
		this.running = true;
		this.monitors.values().forEach(DataSourceMonitor::start);
	}

	@Override
	public void stop() {
		this.running = false;
		this.monitors.values().forEach(DataSourceMonitor::stop);
	}

	@Override
	public boolean isRunning() {
		return this.running;
	}

	@Override
	public int getPhase() {
		return Integer.MIN_VALUE + 1000;
	}

}
