// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.sample.problem;

import java.time.Duration;
import java.util.Optional;
import java.util.Set;

import io.github.dbresilience.fault.DatabaseUnavailableException;
import io.github.dbresilience.fault.Fault;
import io.github.dbresilience.fault.FaultClassifier;
import io.github.dbresilience.fault.FaultKind;
import io.github.dbresilience.fault.Phase;
import io.github.dbresilience.fault.Verdict;
import org.jspecify.annotations.Nullable;

import org.springframework.dao.QueryTimeoutException;
import org.springframework.jdbc.CannotGetJdbcConnectionException;
import org.springframework.transaction.CannotCreateTransactionException;
import org.springframework.transaction.TransactionTimedOutException;

/**
 * What a failure of the database means to a client of the API: come back later. Says
 * nothing about hosts, SQL or users.
 *
 * @param type the problem
 * @param detail a sentence for the client
 * @param retryAfter after how long another try is sensible
 */
record DatabaseProblem(ProblemType type, String detail, Duration retryAfter) {

	private static final Set<String> SERVERS_OWN = Set.of("53", "57", "58", "XX");

	private static final Duration OUTAGE = Duration.ofSeconds(5);

	private static final Duration CONFLICT = Duration.ofSeconds(1);

	private static final String NOT_DONE = "The database cannot be used at the moment. Please repeat the request later, "
			+ "with the same id if it has one.";

	private static final String UNKNOWN = "The connection to the database was lost and the outcome of the request is not "
			+ "known. It may be repeated with the same id: what was done is then answered by 409.";

	private static final String CONFLICTS = "Other transactions kept getting in the way and nothing was done. Please "
			+ "repeat the request.";

	/**
	 * Looks for a failure of the database behind an exception.
	 * @param failure what was thrown
	 * @return the problem, or empty if the database is not to blame: then it is a mistake
	 * in the program
	 */
	static Optional<DatabaseProblem> find(Throwable failure) {
		if (cause(failure, QueryTimeoutException.class) != null
				|| cause(failure, TransactionTimedOutException.class) != null) {
			return Optional.of(outage(failure));
		}
		boolean connected = cause(failure, CannotCreateTransactionException.class) == null
				&& cause(failure, CannotGetJdbcConnectionException.class) == null;
		return FaultClassifier.find(failure, connected ? Phase.IN_TRANSACTION : Phase.ACQUISITION)
			.flatMap((fault) -> of(fault, failure, connected));
	}

	private static Optional<DatabaseProblem> of(Fault fault, Throwable failure, boolean connected) {
		if (fault.kind() == FaultKind.CONFLICT || fault.kind() == FaultKind.LOCK_NOT_AVAILABLE) {
			return Optional.of(conflict());
		}
		if (fault.verdict() == Verdict.UNKNOWN) {
			return Optional.of(new DatabaseProblem(ProblemType.OUTCOME_UNKNOWN, UNKNOWN, retryAfter(failure)));
		}
		boolean outage = fault.verdict() == Verdict.RETRY || fault.countsForBreaker() || !connected
				|| fault.kind() != FaultKind.OTHER || isServersOwn(fault.sqlState());
		return outage ? Optional.of(outage(failure)) : Optional.empty();
	}

	/** Resources, operator intervention, system errors, internal errors: appendix A. */
	private static boolean isServersOwn(@Nullable String sqlState) {
		return sqlState != null && SERVERS_OWN.stream().anyMatch(sqlState::startsWith);
	}

	private static DatabaseProblem outage(Throwable failure) {
		return new DatabaseProblem(ProblemType.DATABASE_UNAVAILABLE, NOT_DONE, retryAfter(failure));
	}

	private static DatabaseProblem conflict() {
		return new DatabaseProblem(ProblemType.TRANSACTION_CONFLICT, CONFLICTS, CONFLICT);
	}

	private static Duration retryAfter(Throwable failure) {
		DatabaseUnavailableException unavailable = cause(failure, DatabaseUnavailableException.class);
		return (unavailable != null) ? unavailable.retryAfter() : OUTAGE;
	}

	private static <T extends Throwable> @Nullable T cause(Throwable failure, Class<T> type) {
		int depth = 0;
		for (Throwable t = failure; t != null && depth < 20; t = t.getCause(), depth++) {
			if (type.isInstance(t)) {
				return type.cast(t);
			}
		}
		return null;
	}

	/**
	 * The value of the {@code Retry-After} header.
	 * @return whole seconds, rounded up, at least one
	 */
	String retryAfterSeconds() {
		return Long.toString(Math.max(1, this.retryAfter.plusMillis(999).toSeconds()));
	}

}
