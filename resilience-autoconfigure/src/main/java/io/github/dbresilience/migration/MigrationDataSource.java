// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.migration;

import java.sql.Connection;
import java.sql.SQLException;

import javax.sql.DataSource;

import org.springframework.jdbc.datasource.DelegatingDataSource;

/**
 * Gives migrations connections without a read time-out: building an index may rightly
 * take longer than any request. The pool restores its own time-out when it gets the
 * connection back.
 */
public final class MigrationDataSource extends DelegatingDataSource {

	/**
	 * Wraps a data source.
	 * @param target gives the connections
	 */
	public MigrationDataSource(DataSource target) {
		super(target);
	}

	@Override
	public Connection getConnection() throws SQLException {
		Connection connection = super.getConnection();
		try {
			connection.setNetworkTimeout(Runnable::run, 0);
			return connection;
		}
		catch (SQLException ex) {
			connection.close();
			throw ex;
		}
	}

}
