// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.commit;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;

/**
 * Opens a fresh connection outside the pool.
 */
@FunctionalInterface
public interface ConnectionOpener {

	/**
	 * Opens a connection in autocommit mode.
	 * @param timeout bounds the connect and every later read
	 * @param purpose appended to the application name
	 * @return the connection, to be closed by the caller
	 * @throws SQLException if it cannot be opened
	 */
	Connection open(Duration timeout, String purpose) throws SQLException;

}
