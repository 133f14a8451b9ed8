// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.datasource;

import io.github.dbresilience.circuitbreaker.Permit;
import io.github.dbresilience.fault.Fault;
import io.github.dbresilience.fault.FaultKind;
import io.github.dbresilience.fault.Phase;
import io.github.dbresilience.fault.Verdict;
import org.jspecify.annotations.Nullable;

/**
 * The time from acquisition to close of one connection. It remembers its first fault,
 * which is the verdict of the attempt, whatever surfaces later. Used by one thread at a
 * time, like the connection.
 */
final class Lease {

	private final String dataSource;

	private final Permit permit;

	private final LostSessions lostSessions;

	private final long start;

	private final long outagesAtStart;

	private @Nullable Fault fault;

	Lease(String dataSource, Permit permit, LostSessions lostSessions) {
		this.dataSource = dataSource;
		this.permit = permit;
		this.lostSessions = lostSessions;
		this.start = lostSessions.mark();
		this.outagesAtStart = lostSessions.outages();
	}

	String dataSource() {
		return this.dataSource;
	}

	/**
	 * Records a fault, unless there is one already.
	 */
	void faulted(Fault fault) {
		if (this.fault == null) {
			this.fault = fault;
		}
	}

	/**
	 * Why the connection is gone.
	 */
	Fault broken() {
		if (this.fault == null) {
			Fault seen = this.lostSessions.since(this.start);
			this.fault = (seen != null) ? seen : new Fault(FaultKind.CONNECTION_LOST, Phase.IN_TRANSACTION,
					Verdict.RETRY, "08003", "the connection was closed by the pool or by the application");
		}
		return this.fault;
	}

	void end() {
		if (this.fault == null && this.lostSessions.outages() == this.outagesAtStart) {
			this.permit.succeeded();
		}
		else if (this.fault != null && this.fault.countsForBreaker() && this.lostSessions.since(this.start) != null) {
			this.permit.failed(this.fault);
		}
		else {
			this.permit.abandoned();
		}
	}

}
