// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.monitor;

import java.time.Instant;

/**
 * Something that an operator may want to know of afterwards. Immutable.
 *
 * @param at when it happened
 * @param dataSource the bean name of the data source
 * @param kind what happened
 * @param message the same in words; never with credentials
 */
public record MonitorEvent(Instant at, String dataSource, Kind kind, String message) {

	/** What happened. */
	public enum Kind {

		/** A server or the database came into another state. */
		STATE,

		/** The circuit breaker came into another state. */
		CIRCUIT_BREAKER,

		/** Connections of the pool are replaced, each when it is idle. */
		RECYCLED,

		/**
		 * Connections were ended at once, as nobody answered them or must answer them.
		 */
		ABORTED,

		/** A stale primary is kept from us. */
		FENCED,

		/** An alert began, changed or was resolved. */
		ALERT

	}

}
