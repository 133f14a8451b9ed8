// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.fault;

import org.jspecify.annotations.Nullable;

/**
 * A classified failure of the database.
 *
 * @param kind the row of the fault table
 * @param phase where it was met
 * @param verdict what is known about the attempted work
 * @param sqlState the SQLState that decided, {@code null} if the failure carried none
 * @param message the message of the deciding exception, for operators; never with
 * credentials
 */
public record Fault(FaultKind kind, Phase phase, Verdict verdict, @Nullable String sqlState, String message) {

	/**
	 * Whether the fault says that the database is unavailable.
	 * @return {@code true} if circuit breakers count it
	 */
	public boolean countsForBreaker() {
		return this.kind.countsForBreaker();
	}

	/**
	 * SQLState and message in one line.
	 * @return for example {@code [57P01] FATAL: terminating connection …}
	 */
	public String describe() {
		return (this.sqlState != null) ? "[" + this.sqlState + "] " + this.message : this.message;
	}

}
