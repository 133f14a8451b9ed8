// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.datasource;

import java.sql.SQLException;
import java.util.concurrent.atomic.AtomicReference;

import com.zaxxer.hikari.SQLExceptionOverride;
import io.github.dbresilience.fault.Fault;
import io.github.dbresilience.fault.FaultClassifier;
import io.github.dbresilience.fault.FaultKind;
import io.github.dbresilience.fault.Phase;
import io.github.dbresilience.retry.RetryScope;
import io.github.dbresilience.retry.RetryTarget;
import org.jspecify.annotations.Nullable;

/**
 * Sees every {@link SQLException} that a statement of the pool throws, so that statements
 * need not be wrapped: classifies and signals, no more. The user's own override is asked
 * first and keeps its say. Thread-safe.
 */
final class FaultTap implements SQLExceptionOverride {

	private final @Nullable SQLExceptionOverride userOverride;

	private final RetryTarget retryTarget;

	private final AbortNotice abortNotice;

	private final Listener listener;

	private final AtomicReference<@Nullable SQLException> counted = new AtomicReference<>();

	/**
	 * Creates a tap.
	 * @param userOverride the override that the pool had before
	 * @param retryTarget the data source that its faults are of
	 * @param abortNotice why connections were ended by us
	 * @param listener told of what it sees
	 */
	FaultTap(@Nullable SQLExceptionOverride userOverride, RetryTarget retryTarget, AbortNotice abortNotice,
			Listener listener) {
		this.userOverride = userOverride;
		this.retryTarget = retryTarget;
		this.abortNotice = abortNotice;
		this.listener = listener;
	}

	@java.lang.Override
	public Override adjudicate(SQLException exception) {
		Fault fault = this.abortNotice.explain(exception, FaultClassifier.classify(exception, Phase.IN_TRANSACTION));
		RetryScope.faulted(fault, this.retryTarget);
		Override decision = decide(exception, fault.kind());
		if (fault.kind().evicts() && decision != Override.DO_NOT_EVICT) {
			this.listener.lost(fault);
		}
		else if (fault.countsForBreaker() && isFirstSight(exception)) {
			this.listener.outage(fault);
		}
		else if (fault.kind() == FaultKind.READ_ONLY_SERVER) {
			this.listener.readOnly();
		}
		return decision;
	}

	private Override decide(SQLException exception, FaultKind kind) {
		if (this.userOverride != null) {
			Override decision = this.userOverride.adjudicate(exception);
			if (decision != Override.CONTINUE_EVICT) {
				return decision;
			}
		}
		if (kind == FaultKind.STALE_STATEMENT) {
			// The driver parses its statements anew after this error
			return Override.DO_NOT_EVICT;
		}
		return kind.evicts() ? Override.MUST_EVICT : Override.CONTINUE_EVICT;
	}

	/**
	 * The pool asks again for each exception that is chained behind the first.
	 */
	private boolean isFirstSight(SQLException exception) {
		SQLException before = this.counted.getAndSet(exception);
		for (int depth = 0; before != null && depth < 10; depth++) {
			before = before.getNextException();
			if (before == exception) {
				return false;
			}
		}
		return true;
	}

	/**
	 * Is told of faults. Must return at once.
	 */
	interface Listener {

		/**
		 * A fault that costs the connection.
		 */
		void lost(Fault fault);

		/**
		 * An outage that leaves the connection usable.
		 */
		void outage(Fault fault);

		/**
		 * A write met a server that takes none.
		 */
		void readOnly();

	}

}
