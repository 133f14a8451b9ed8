// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.datasource;

import java.time.Duration;

/**
 * Defaults of a connection pool for a kind of application. The idle time-out is below the
 * lifetime, as HikariCP wants it.
 */
public enum PoolProfile {

	/** Many short requests. */
	API(25, 5, Duration.ofMinutes(5), Duration.ofMinutes(4), Duration.ofSeconds(5), Duration.ofMinutes(5)),

	/** Few long jobs. */
	BACKGROUND(10, 2, Duration.ofMinutes(15), Duration.ofMinutes(12), Duration.ofSeconds(10), Duration.ofHours(1)),

	/** Many instances on one small server. */
	COMPACT(20, 2, Duration.ofMinutes(5), Duration.ofMinutes(4), Duration.ofSeconds(5), Duration.ofMinutes(5));

	private final int maximumPoolSize;

	private final int minimumIdle;

	private final Duration maxLifetime;

	private final Duration idleTimeout;

	private final Duration connectionTimeout;

	private final Duration socketTimeout;

	PoolProfile(int maximumPoolSize, int minimumIdle, Duration maxLifetime, Duration idleTimeout,
			Duration connectionTimeout, Duration socketTimeout) {
		this.maximumPoolSize = maximumPoolSize;
		this.minimumIdle = minimumIdle;
		this.maxLifetime = maxLifetime;
		this.idleTimeout = idleTimeout;
		this.connectionTimeout = connectionTimeout;
		this.socketTimeout = socketTimeout;
	}

	/**
	 * The most connections.
	 * @return a count
	 */
	public int maximumPoolSize() {
		return this.maximumPoolSize;
	}

	/**
	 * The connections that are kept open at rest.
	 * @return a count
	 */
	public int minimumIdle() {
		return this.minimumIdle;
	}

	/**
	 * How long a connection lives.
	 * @return a duration
	 */
	public Duration maxLifetime() {
		return this.maxLifetime;
	}

	/**
	 * How long a connection beyond {@link #minimumIdle()} may be idle.
	 * @return a duration
	 */
	public Duration idleTimeout() {
		return this.idleTimeout;
	}

	/**
	 * How long a caller waits for a connection of the pool in one attempt.
	 * @return a duration
	 */
	public Duration connectionTimeout() {
		return this.connectionTimeout;
	}

	/**
	 * How long the server may be silent while a statement runs.
	 * @return a duration
	 */
	public Duration socketTimeout() {
		return this.socketTimeout;
	}

}
