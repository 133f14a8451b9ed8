// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.datasource;

import java.io.Serial;
import java.sql.SQLException;
import java.sql.SQLNonTransientConnectionException;

import io.github.dbresilience.fault.Fault;

/**
 * COMMIT was sent and the connection broke before the answer came: the transaction may or
 * may not have been committed. SQLState {@code 08007} (transaction resolution unknown).
 */
public class CommitOutcomeUnknownException extends SQLNonTransientConnectionException {

	@Serial
	private static final long serialVersionUID = 1L;

	CommitOutcomeUnknownException(String dataSource, Fault fault, SQLException cause) {
		super(dataSource + " - the connection was lost while COMMIT was running; it is not known whether the "
				+ "transaction was committed: " + fault.message(), "08007", cause);
	}

}
