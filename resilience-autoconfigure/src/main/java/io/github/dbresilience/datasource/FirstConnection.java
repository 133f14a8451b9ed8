// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.datasource;

import java.sql.Connection;
import java.sql.SQLException;

/**
 * A connection from which the pool may learn the default isolation level. If it breaks
 * just then, HikariCP takes the exception for a driver that cannot tell, remembers level
 * -1, and fails to set it on every later connection: the pool never recovers. It passes
 * on an exception whose SQLState is not of class 08, and so throws this connection away
 * and learns from the next one.
 */
final class FirstConnection extends DelegatingConnection {

	private final Runnable learned;

	FirstConnection(Connection delegate, Runnable learned) {
		super(delegate);
		this.learned = learned;
	}

	@Override
	void beforeStatement() {
	}

	@Override
	public int getTransactionIsolation() throws SQLException {
		try {
			int level = super.getTransactionIsolation();
			this.learned.run();
			return level;
		}
		catch (SQLException ex) {
			throw new SQLException("The new connection was lost at once: " + ex.getMessage(), "57P01", ex);
		}
	}

}
