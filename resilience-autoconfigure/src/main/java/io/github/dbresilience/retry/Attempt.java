// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.retry;

import java.sql.SQLException;

/**
 * Something that can be tried.
 *
 * @param <T> what it yields
 */
@FunctionalInterface
public interface Attempt<T> {

	/**
	 * Makes one attempt.
	 * @return the result
	 * @throws SQLException if it failed
	 */
	T run() throws SQLException;

}
