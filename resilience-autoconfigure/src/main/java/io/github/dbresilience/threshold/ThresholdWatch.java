// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.threshold;

import java.time.Clock;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

import io.github.dbresilience.alert.AlertEvent;
import io.github.dbresilience.alert.Alerts;
import io.github.dbresilience.monitor.DataSourceMonitor;
import io.github.dbresilience.monitor.HealthMonitor;
import io.github.dbresilience.monitor.MonitorEvent;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.context.SmartLifecycle;

/**
 * Looks at every data source once a second, on one thread and in memory. When the
 * application stops nothing is resolved: what was the matter still is. Thread-safe.
 */
public final class ThresholdWatch implements SmartLifecycle {

	private static final Logger logger = LoggerFactory.getLogger(ThresholdWatch.class);

	private static final Duration INTERVAL = Duration.ofSeconds(1);

	private static final Duration FLUSH = Duration.ofSeconds(5);

	private final HealthMonitor monitor;

	private final ThresholdEngine engine;

	private final Alerts alerts;

	private final Clock clock;

	/** Of the one thread that looks. */
	private final Set<String> failing = new HashSet<>();

	private @Nullable ScheduledExecutorService executor;

	/**
	 * Creates a watch that does not run yet.
	 * @param monitor whose data sources are looked at
	 * @param engine makes alerts of what was seen; used by this watch alone
	 * @param alerts who is told
	 * @param clock tells when sinks are told again
	 */
	public ThresholdWatch(HealthMonitor monitor, ThresholdEngine engine, Alerts alerts, Clock clock) {
		this.monitor = monitor;
		this.engine = engine;
		this.alerts = alerts;
		this.clock = clock;
	}

	private void lookAtAll() {
		this.monitor.all().forEach(this::look);
		try {
			this.alerts.repeat(this.clock.instant());
		}
		catch (RuntimeException | Error ex) {
			// An exception would be the end of all looks
			logger.warn("Sinks could not be told again", ex);
		}
	}

	private void look(DataSourceMonitor watched) {
		String name = watched.protection().name();
		try {
			this.engine.look(watched.snapshot()).forEach(this::tell);
			this.failing.remove(name);
		}
		catch (RuntimeException | Error ex) {
			// The others are looked at nevertheless, and this one again
			if (this.failing.add(name)) {
				logger.warn("{} - its thresholds could not be looked at", name, ex);
			}
		}
	}

	private void tell(AlertEvent event) {
		this.monitor.events()
			.add(new MonitorEvent(this.clock.instant(), event.dataSource(), MonitorEvent.Kind.ALERT,
					event.name() + " " + event.severity() + " " + event.status() + ": " + event.summary()));
		this.alerts.publish(event);
	}

	@Override
	public synchronized void start() {
		if (this.executor == null) {
			this.executor = Executors.newSingleThreadScheduledExecutor((task) -> {
				Thread thread = new Thread(task, "db-resilience-thresholds");
				thread.setDaemon(true);
				return thread;
			});
			this.executor.scheduleWithFixedDelay(this::lookAtAll, INTERVAL.toMillis(), INTERVAL.toMillis(),
					TimeUnit.MILLISECONDS);
		}
	}

	@Override
	public synchronized void stop() {
		if (this.executor != null) {
			this.executor.shutdownNow();
			this.executor = null;
			this.alerts.flush(FLUSH);
		}
	}

	@Override
	public synchronized boolean isRunning() {
		return this.executor != null;
	}

	/** After the monitor, and stopped before it. */
	@Override
	public int getPhase() {
		return this.monitor.getPhase() + 1;
	}

}
