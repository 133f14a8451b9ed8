// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.datasource;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Function;

import javax.sql.DataSource;

import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.SQLExceptionOverride;
import com.zaxxer.hikari.util.UtilityElf;
import io.github.dbresilience.circuitbreaker.CircuitBreakers;
import org.jspecify.annotations.Nullable;
import org.postgresql.ds.common.BaseDataSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes pools resilient and knows those that it made. Thread-safe.
 */
public final class ResilientDataSources {

	private static final Logger logger = LoggerFactory.getLogger(ResilientDataSources.class);

	private final CircuitBreakers breakers;

	private final Function<String, DataSourceSettings> settings;

	private final PoolDefaults defaults;

	private final Map<String, Protection> protections = new ConcurrentHashMap<>();

	private final List<Consumer<Protection>> listeners = new ArrayList<>();

	/**
	 * Creates the factory.
	 * @param breakers makes their circuit breakers
	 * @param settings the settings by bean name
	 * @param defaults completes the pools
	 */
	public ResilientDataSources(CircuitBreakers breakers, Function<String, DataSourceSettings> settings,
			PoolDefaults defaults) {
		this.breakers = breakers;
		this.settings = settings;
		this.defaults = defaults;
	}

	/**
	 * The data sources that are protected.
	 * @return a live view
	 */
	public Collection<Protection> all() {
		return Collections.unmodifiableCollection(this.protections.values());
	}

	/**
	 * Tells of every data source, those that are known already included.
	 * @param listener told once per data source
	 */
	public void onAdded(Consumer<Protection> listener) {
		synchronized (this.listeners) {
			this.listeners.add(listener);
			this.protections.values().forEach(listener);
		}
	}

	/**
	 * Whether a pool is one of PostgreSQL, as far as it says.
	 * @param pool any pool
	 * @return {@code false} if it is known to be of another database
	 */
	public boolean supports(HikariDataSource pool) {
		if (pool.getJdbcUrl() != null) {
			return pool.getJdbcUrl().contains(":postgresql:");
		}
		if (pool.getDataSource() != null) {
			return pool.getDataSource() instanceof BaseDataSource;
		}
		return pool.getDataSourceClassName() == null || pool.getDataSourceClassName().startsWith("org.postgresql.");
	}

	/**
	 * Completes a pool's settings before it starts, and installs the fault tap and the
	 * connector in it.
	 * @param name the bean name of the data source
	 * @param pool the pool
	 */
	public void prepare(String name, HikariDataSource pool) {
		DataSourceSettings own = this.settings.apply(name);
		if (isStarted(pool)) {
			logger.warn("{} - the pool {} was started before it could be prepared: a failed statement is noticed only "
					+ "when its connection is closed, and no default is applied. Configure the pool by properties, or "
					+ "create it without the constructor that starts it", name, pool.getPoolName());
			protection(name, pool, own).pool(pool);
			return;
		}
		this.defaults.complete(name, pool, own);
		SettingsReport.warnings(pool, own).forEach((warning) -> logger.warn("{} - {}", name, warning));
		Protection protection = protection(name, pool, own);
		protection.pool(pool);
		pool.setExceptionOverride(protection.tap(userOverride(pool)));
		DataSource raw = RawDataSource.of(pool);
		if (raw != null) {
			completeDriver(name, raw, own);
			pool.setDataSource(new PoolConnector(raw, pool, protection));
		}
	}

	private void completeDriver(String name, DataSource raw, DataSourceSettings own) {
		if (raw instanceof BaseDataSource dataSource) {
			try {
				this.defaults.completeDriver(dataSource, own);
			}
			catch (SQLException ex) {
				throw new IllegalStateException(name + " - the driver refused a default: " + ex.getMessage(), ex);
			}
		}
	}

	/**
	 * Wraps a pool, or a scoped proxy of one.
	 * @param name the bean name of the data source
	 * @param pool the pool
	 * @return the resilient data source
	 */
	public ResilientDataSource wrap(String name, HikariDataSource pool) {
		return new ResilientDataSource(pool, protection(name, pool, this.settings.apply(name)));
	}

	private Protection protection(String name, HikariDataSource pool, DataSourceSettings own) {
		synchronized (this.listeners) {
			Protection known = this.protections.get(name);
			if (known != null) {
				return known;
			}
			Protection created = new Protection(name, own, this.breakers.forDataSource(name, own.circuitBreaker()),
					maxWaiting(pool, own));
			this.protections.put(name, created);
			this.listeners.forEach((listener) -> listener.accept(created));
			return created;
		}
	}

	private static int maxWaiting(HikariDataSource pool, DataSourceSettings own) {
		Integer configured = own.retry().maxWaiting();
		return (configured != null) ? configured : 2 * Math.max(1, pool.getMaximumPoolSize());
	}

	private static boolean isStarted(HikariDataSource pool) {
		return pool.getHikariPoolMXBean() != null;
	}

	private static @Nullable SQLExceptionOverride userOverride(HikariDataSource pool) {
		if (pool.getExceptionOverride() != null) {
			return pool.getExceptionOverride();
		}
		String className = pool.getExceptionOverrideClassName();
		return (className != null) ? UtilityElf.createInstance(className, SQLExceptionOverride.class) : null;
	}

}
