// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.commit;

import java.sql.SQLException;

/**
 * Something that is done on a connection.
 */
@FunctionalInterface
public interface SqlAction {

	/**
	 * Does it.
	 * @throws SQLException if the driver says so
	 */
	void run() throws SQLException;

}
