// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.fault;

import java.io.Serial;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.time.Duration;

import org.jspecify.annotations.Nullable;

/**
 * No connection could be had within the deadline, or the circuit breaker is open. Nothing
 * was sent to the database. The SQLState is that of the last failure, {@code 08001} when
 * the breaker refused at once.
 */
public class DatabaseUnavailableException extends SQLTransientConnectionException {

	@Serial
	private static final long serialVersionUID = 1L;

	private final String dataSource;

	private final Duration retryAfter;

	/**
	 * Creates the exception.
	 * @param dataSource the bean name of the data source
	 * @param message what was tried, for an operator; without credentials
	 * @param retryAfter after how long another try is sensible
	 * @param cause the last failure, {@code null} if nothing was tried
	 */
	public DatabaseUnavailableException(String dataSource, String message, Duration retryAfter,
			@Nullable SQLException cause) {
		super(message, sqlState(cause), cause);
		this.dataSource = dataSource;
		this.retryAfter = retryAfter;
	}

	private static String sqlState(@Nullable SQLException cause) {
		String sqlState = (cause != null) ? cause.getSQLState() : null;
		return (sqlState != null) ? sqlState : "08001";
	}

	/**
	 * The data source that is unavailable.
	 * @return its bean name
	 */
	public String dataSource() {
		return this.dataSource;
	}

	/**
	 * After how long another try is sensible, for example as an HTTP {@code Retry-After}.
	 * @return a positive duration
	 */
	public Duration retryAfter() {
		return this.retryAfter;
	}

}
