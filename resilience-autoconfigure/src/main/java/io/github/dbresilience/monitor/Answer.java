// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.monitor;

import java.net.NoRouteToHostException;
import java.net.SocketTimeoutException;
import java.sql.SQLException;

import org.postgresql.util.GT;
import org.postgresql.util.PSQLException;

/**
 * What came back when a server was asked.
 */
enum Answer {

	/** It was not asked. */
	NOT_ASKED,

	/** The answer. */
	GIVEN,

	/** An error of the server's own: it is there, and has its reasons. */
	ERROR,

	/** The connection was refused, reset or closed: the host is there. */
	BROKEN,

	/** Nothing at all. */
	SILENCE;

	private static final int MAX_DEPTH = 10;

	/**
	 * Tells what a failure means.
	 */
	static Answer of(SQLException failure) {
		if ((failure instanceof PSQLException own && own.getServerErrorMessage() != null)
				|| ConfigurationFault.of(failure) != null) {
			return ERROR;
		}
		int depth = 0;
		for (Throwable t = failure; t != null && depth < MAX_DEPTH; t = t.getCause(), depth++) {
			if (t instanceof SocketTimeoutException || t instanceof NoRouteToHostException) {
				return SILENCE;
			}
		}
		// The driver gives up a login that takes too long on another thread, in these
		// words
		return GT.tr("Connection attempt timed out.").equals(failure.getMessage()) ? SILENCE : BROKEN;
	}

}
