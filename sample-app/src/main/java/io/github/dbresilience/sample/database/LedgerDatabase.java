// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.sample.database;

import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;

/**
 * The database of the application, as the data source is given it.
 */
public interface LedgerDatabase extends JdbcConnectionDetails, AutoCloseable {

	/**
	 * Which database it is, for a person.
	 * @return a phrase without credentials
	 */
	String description();

	/**
	 * Stops what was started for it. Called after the pool is closed.
	 */
	@Override
	void close();

}
