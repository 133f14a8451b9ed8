// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.retry;

import java.sql.SQLTransientConnectionException;
import java.util.Optional;

import io.github.dbresilience.fault.DatabaseUnavailableException;
import io.github.dbresilience.fault.Fault;
import io.github.dbresilience.fault.FaultClassifier;
import io.github.dbresilience.fault.FaultKind;
import io.github.dbresilience.fault.Phase;
import io.github.dbresilience.fault.Verdict;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.dao.DataAccessResourceFailureException;

/**
 * The attempts at one transaction, and what is known of the last one. The first fault of
 * an attempt is its verdict, not the exception that surfaces: Hibernate says <em>not
 * found</em> on a session that was killed. Used by one thread.
 *
 * @param <T> what the transaction yields
 * @param <E> what it throws
 */
final class TransactionRun<T extends @Nullable Object, E extends Throwable> implements RetryRule {

	private static final Logger logger = LoggerFactory.getLogger(TransactionRun.class);

	private static final int MAX_CAUSES = 20;

	private final RetryableWork work;

	private final Attempt<T, E> body;

	private final ArgumentCheck arguments;

	private RetryScope scope;

	private int reached;

	private @Nullable String forbidden;

	TransactionRun(RetryableWork work, Attempt<T, E> body, ArgumentCheck arguments) {
		this.work = work;
		this.body = body;
		this.arguments = arguments;
		this.scope = RetryScope.ofAttempt(work.deadline());
	}

	/**
	 * Makes the first attempt the only one.
	 */
	void forbid(String reason) {
		this.forbidden = reason;
	}

	RetryScope scope() {
		return this.scope;
	}

	/**
	 * Makes an attempt.
	 */
	T attempt() throws E {
		T result;
		this.scope.open();
		try {
			result = this.body.run();
		}
		finally {
			this.scope.close();
			if (this.scope.hasReachedServer()) {
				this.reached++;
			}
		}
		Fault lost = this.scope.broken();
		if (lost != null && !this.scope.isCommitted() && !this.scope.isOutcomeUnknown()) {
			throw new DataAccessResourceFailureException(
					this.work.name() + " - the connection was lost before COMMIT, nothing was committed",
					new SQLTransientConnectionException(lost.message(), lost.sqlState()));
		}
		return result;
	}

	/**
	 * Makes an attempt after one that failed.
	 */
	T again() throws E {
		this.scope = RetryScope.ofAttempt(this.scope.deadline());
		return attempt();
	}

	@Override
	public Ruling judge(Throwable failure, int attempts) {
		RetryTarget target = this.scope.target();
		Fault fault = fault(failure);
		if (target == null || fault == null || fault.verdict() != Verdict.RETRY
				|| !this.work.kind().isRetried(target.settings().effectiveTransactions())) {
			return (attempts > 1) ? Ruling.REFUSED : Ruling.UNRELATED;
		}
		String refusal = refusal(failure, fault);
		if (refusal != null) {
			logger.debug("{} - not tried again, as {}: {}", this.work.name(), refusal, fault.describe());
			return Ruling.REFUSED;
		}
		Deadline deadline = this.scope.deadline();
		if (this.reached >= this.work.maxAttempts(target.settings()) || deadline == null || deadline.isOver()) {
			return Ruling.EXHAUSTED;
		}
		if (isUnavailable(failure)) {
			// Refused at once: the breaker was opened by hand, or too many wait already
			return Ruling.REFUSED;
		}
		return (!this.scope.hasReachedServer() || target.budget().tryRetry()) ? Ruling.RETRY : Ruling.OVER_BUDGET;
	}

	@Override
	public String describe(Throwable failure) {
		Fault fault = fault(failure);
		return (fault != null) ? fault.describe() : failure.toString();
	}

	/**
	 * Why a transaction that failed by the database must not be done again.
	 */
	private @Nullable String refusal(Throwable failure, Fault fault) {
		if (this.scope.isOutcomeUnknown()) {
			return "the outcome of a part of it is unknown";
		}
		if (this.scope.isCommitted()) {
			return "a part of it is committed";
		}
		if (!this.scope.mayWait() && fault.countsForBreaker()) {
			return "the caller has an answer of its own";
		}
		if (this.work.kind() == TransactionKind.READ_ONLY && fault.kind() == FaultKind.READ_ONLY_SERVER) {
			return "it writes although it is declared read-only";
		}
		return (this.forbidden != null) ? this.forbidden : this.arguments.refusal(this.work);
	}

	/**
	 * What decides: why the last connection was lost, else what was thrown, else the
	 * first fault. That a connection was lost counts only where a data source of ours has
	 * noticed it: nobody else tells a lost COMMIT from a lost statement.
	 */
	private @Nullable Fault fault(Throwable failure) {
		Optional<Fault> thrown = FaultClassifier.find(failure, Phase.IN_TRANSACTION);
		if (thrown.isPresent() && thrown.get().verdict() == Verdict.UNKNOWN) {
			return thrown.get();
		}
		Fault broken = this.scope.broken();
		if (broken != null) {
			return broken;
		}
		return (thrown.isPresent() && !thrown.get().kind().evicts()) ? thrown.get() : this.scope.fault();
	}

	/**
	 * Whether the connection of the last attempt is gone, also where somebody still holds
	 * it.
	 */
	boolean isConnectionLost(Throwable failure) {
		Fault fault = fault(failure);
		return fault != null && fault.kind().evicts();
	}

	/**
	 * Whether another answer may stand for the work: the database failed it, and it is
	 * known that nothing of it happened.
	 */
	boolean isReplaceable(Throwable failure) {
		if (this.scope.isOutcomeUnknown() || this.scope.isCommitted()) {
			return false;
		}
		if (isUnavailable(failure)) {
			return true;
		}
		Phase phase = this.scope.hasReachedServer() ? Phase.IN_TRANSACTION : Phase.ACQUISITION;
		boolean overload = FaultClassifier.find(failure, phase)
			.filter((thrown) -> thrown.kind() == FaultKind.POOL_EXHAUSTED)
			.isPresent();
		Fault fault = fault(failure);
		return overload || (fault != null && fault.verdict() == Verdict.RETRY);
	}

	/**
	 * Whether the failure leaves open what became of the transaction.
	 */
	static boolean isOutcomeUnknown(Throwable failure, @Nullable RetryScope scope) {
		Optional<Fault> fault = FaultClassifier.find(failure, Phase.IN_TRANSACTION);
		return fault.isPresent()
				&& (fault.get().verdict() == Verdict.UNKNOWN || (scope != null && scope.isOutcomeUnknown()));
	}

	private static boolean isUnavailable(Throwable failure) {
		int depth = 0;
		for (Throwable t = failure; t != null && depth < MAX_CAUSES; t = t.getCause(), depth++) {
			if (t instanceof DatabaseUnavailableException) {
				return true;
			}
		}
		return false;
	}

	/**
	 * Looks at what the body was given.
	 */
	@FunctionalInterface
	interface ArgumentCheck {

		/**
		 * Why the body cannot be given its arguments again.
		 * @param work what is tried
		 * @return the reason, {@code null} if it can
		 */
		@Nullable String refusal(RetryableWork work);

	}

}
