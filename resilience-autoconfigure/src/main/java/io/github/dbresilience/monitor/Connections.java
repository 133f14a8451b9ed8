// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.monitor;

import java.sql.Connection;
import java.sql.SQLException;

/**
 * Ends connections that nobody needs any more.
 */
final class Connections {

	private Connections() {
	}

	/**
	 * Says good-bye to the server.
	 */
	static void closeQuietly(Connection connection) {
		try {
			connection.close();
		}
		catch (SQLException ex) {
			// It is given up either way
		}
	}

	/**
	 * Closes the socket of a server that does not answer, on a thread of its own: behind
	 * TLS that can block.
	 */
	static void abort(Connection connection) {
		try {
			connection.abort((task) -> {
				Thread thread = new Thread(task, "db-resilience-abort");
				thread.setDaemon(true);
				thread.start();
			});
		}
		catch (SQLException ex) {
			// It is given up either way
		}
	}

}
