// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.commit;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;

/**
 * Opens connections, but while the database is known to be away only one a second for all
 * that ask: so the search for lost COMMITs does not knock on a dead server, and still
 * finds one that the circuit breaker has not noticed yet. Thread-safe.
 */
final class PatientOpener implements ConnectionOpener {

	private static final Duration INTERVAL = Duration.ofSeconds(1);

	private final ConnectionOpener opener;

	private final BooleanSupplier away;

	private final AtomicLong last = new AtomicLong(System.nanoTime() - INTERVAL.toNanos());

	/**
	 * Creates an opener.
	 * @param opener opens the connections
	 * @param away whether the database is known to be away
	 */
	PatientOpener(ConnectionOpener opener, BooleanSupplier away) {
		this.opener = opener;
		this.away = away;
	}

	@Override
	public Connection open(Duration timeout, String purpose) throws SQLException {
		if (this.away.getAsBoolean()) {
			long now = System.nanoTime();
			long before = this.last.get();
			if (now - before < INTERVAL.toNanos() || !this.last.compareAndSet(before, now)) {
				throw new SQLTransientConnectionException("The circuit breaker is open", "08001");
			}
		}
		return this.opener.open(timeout, purpose);
	}

}
