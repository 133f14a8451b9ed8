// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.fault;

import java.io.Serial;
import java.sql.SQLException;
import java.sql.SQLNonTransientConnectionException;

/**
 * COMMIT was sent and the connection broke before the answer came, and what became of the
 * transaction could not be found out: it may or may not have been committed. SQLState
 * {@code 08007} (transaction resolution unknown). Trying again may do the work twice.
 */
public class CommitOutcomeUnknownException extends SQLNonTransientConnectionException {

	@Serial
	private static final long serialVersionUID = 1L;

	/**
	 * Creates the exception.
	 * @param dataSource the bean name of the data source
	 * @param fault how the connection was lost
	 * @param why why the outcome could not be found out, for an operator
	 * @param cause the driver's exception
	 */
	public CommitOutcomeUnknownException(String dataSource, Fault fault, String why, SQLException cause) {
		super(dataSource + " - the connection was lost while COMMIT was running; it is not known whether the "
				+ "transaction was committed (" + why + "): " + fault.message(), "08007", cause);
	}

}
