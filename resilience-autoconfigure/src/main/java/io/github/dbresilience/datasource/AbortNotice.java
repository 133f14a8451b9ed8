// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.datasource;

import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

import io.github.dbresilience.fault.Fault;
import io.github.dbresilience.fault.FaultKind;
import org.jspecify.annotations.Nullable;

/**
 * Why connections were ended by us. The driver only says that its socket is closed; the
 * tap is told no connection, so that whatever is lost right after is explained by the
 * last notice. Thread-safe.
 */
final class AbortNotice {

	private static final long VALID_NANOS = TimeUnit.SECONDS.toNanos(3);

	private final LongSupplier nanoTime;

	private volatile @Nullable Notice last;

	AbortNotice(LongSupplier nanoTime) {
		this.nanoTime = nanoTime;
	}

	void post(String why) {
		this.last = new Notice(why, this.nanoTime.getAsLong());
	}

	/**
	 * Adds the reason to an exception that tells of a lost connection, and to its fault.
	 */
	Fault explain(SQLException exception, Fault fault) {
		Notice notice = this.last;
		if (notice == null || fault.kind() != FaultKind.CONNECTION_LOST
				|| this.nanoTime.getAsLong() - notice.at > VALID_NANOS) {
			return fault;
		}
		exception.addSuppressed(new SQLTransientConnectionException(notice.why, fault.sqlState()));
		return new Fault(fault.kind(), fault.phase(), fault.verdict(), fault.sqlState(),
				fault.message() + "; " + notice.why);
	}

	private record Notice(String why, long at) {

	}

}
