// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.fault;

import java.io.IOException;
import java.sql.BatchUpdateException;
import java.sql.SQLException;
import java.sql.SQLTransactionRollbackException;
import java.sql.SQLTransientConnectionException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import org.jspecify.annotations.Nullable;

/**
 * Finds the {@link Fault} in an exception by SQLState, severity and phase, never by
 * exception class: the PostgreSQL driver throws one class for everything, and Spring
 * calls a lost connection non-transient. Stateless and thread-safe.
 */
public final class FaultClassifier {

	/** How many causes and chained exceptions are looked at. */
	private static final int MAX_DEPTH = 20;

	/**
	 * Says only that an earlier statement failed, which the driver gives as its cause.
	 */
	private static final String IN_FAILED_TRANSACTION = "25P02";

	private static final Map<String, FaultKind> KINDS = new HashMap<>();
	static {
		for (FaultKind kind : FaultKind.values()) {
			kind.sqlStates().forEach((sqlState) -> KINDS.put(sqlState, kind));
		}
	}

	private FaultClassifier() {
	}

	/**
	 * Looks for a fault of the database in any exception, for example in a
	 * {@code DataAccessException}.
	 * @param failure what was thrown
	 * @param phase where it was thrown
	 * @return the fault, or empty if no {@link SQLException} is behind the failure
	 */
	public static Optional<Fault> find(Throwable failure, Phase phase) {
		List<SQLException> chain = chain(failure);
		return chain.isEmpty() ? Optional.empty() : Optional.of(classify(chain, phase));
	}

	/**
	 * Classifies an exception of the driver or the pool.
	 * @param exception the exception; its causes and chained exceptions are looked at too
	 * @param phase where it was thrown
	 * @return the fault
	 */
	public static Fault classify(SQLException exception, Phase phase) {
		return classify(chain(exception), phase);
	}

	private static Fault classify(List<SQLException> chain, Phase phase) {
		SQLException decider = chain.get(0);
		FaultKind kind = FaultKind.OTHER;
		for (SQLException candidate : chain) {
			kind = kindOf(candidate, phase);
			if (kind != FaultKind.OTHER || isServerAnswer(candidate)) {
				decider = candidate;
				break;
			}
		}
		return new Fault(kind, phase, verdict(kind, phase, chain), decider.getSQLState(), explain(decider));
	}

	/**
	 * An ERROR of the server at COMMIT means that it rolled back; FATAL, PANIC or a
	 * connection that broke without an ERROR mean that nothing is known, whatever the
	 * SQLState.
	 */
	private static Verdict verdict(FaultKind kind, Phase phase, List<SQLException> chain) {
		boolean commits = phase == Phase.AT_COMMIT || phase == Phase.AUTOCOMMIT;
		if (commits && kind != FaultKind.CONNECT_FAILED && kind != FaultKind.TOO_MANY_CONNECTIONS
				&& kind != FaultKind.POOL_EXHAUSTED && endsSession(chain)) {
			return Verdict.UNKNOWN;
		}
		return kind.verdict(phase);
	}

	private static FaultKind kindOf(SQLException exception, Phase phase) {
		String sqlState = exception.getSQLState();
		if (sqlState == null) {
			return kindWithoutSqlState(exception, phase);
		}
		FaultKind kind = KINDS.get(sqlState);
		if (kind != null) {
			return kind;
		}
		if (sqlState.startsWith("08")) {
			return FaultKind.CONNECTION_LOST;
		}
		if (sqlState.equals("0A000") && messageOf(exception).contains("cached plan must not change")) {
			return FaultKind.STALE_STATEMENT;
		}
		return FaultKind.OTHER;
	}

	/**
	 * HikariCP gives its acquisition time-out the SQLState of the last failed connection
	 * attempt, and none if there was no such failure.
	 */
	private static FaultKind kindWithoutSqlState(SQLException exception, Phase phase) {
		if (exception.getCause() instanceof IOException) {
			return FaultKind.CONNECTION_LOST;
		}
		if (phase == Phase.ACQUISITION && exception instanceof SQLTransientConnectionException
				&& exception.getCause() == null) {
			return FaultKind.POOL_EXHAUSTED;
		}
		return FaultKind.OTHER;
	}

	/**
	 * The driver chains "an I/O error occurred" behind a FATAL of the server, which tells
	 * a lost session in every language of the server; the prefix tells it in English.
	 */
	private static boolean endsSession(List<SQLException> chain) {
		String message = messageOf(chain.get(0));
		if (message.startsWith("ERROR:") || chain.get(0) instanceof SQLTransactionRollbackException) {
			// The driver throws the latter never, we do where the outcome is known
			return false;
		}
		return message.startsWith("FATAL:") || message.startsWith("PANIC:")
				|| chain.stream().anyMatch(FaultClassifier::isLink);
	}

	private static boolean isLink(SQLException exception) {
		String sqlState = exception.getSQLState();
		return (sqlState != null && sqlState.startsWith("08")) || exception.getCause() instanceof IOException;
	}

	private static boolean isServerAnswer(SQLException exception) {
		String sqlState = exception.getSQLState();
		return sqlState != null && !sqlState.equals(IN_FAILED_TRANSACTION) && !isLink(exception);
	}

	private static String messageOf(SQLException exception) {
		String message = exception.getMessage();
		return (message != null) ? message.lines().findFirst().orElse("").strip()
				: exception.getClass().getSimpleName();
	}

	/**
	 * The driver says "the connection attempt failed" and leaves the reason to the cause.
	 */
	private static String explain(SQLException exception) {
		Throwable cause = exception.getCause();
		return (cause instanceof IOException) ? messageOf(exception) + " (" + cause + ")" : messageOf(exception);
	}

	private static List<SQLException> chain(@Nullable Throwable failure) {
		List<SQLException> chain = new ArrayList<>(4);
		int depth = 0;
		for (Throwable t = failure; t != null && depth < MAX_DEPTH; t = t.getCause(), depth++) {
			if (t instanceof SQLException head) {
				for (SQLException e = pastBatch(head); e != null
						&& depth < MAX_DEPTH; e = e.getNextException(), depth++) {
					if (!contains(chain, e)) {
						chain.add(e);
					}
				}
			}
		}
		return chain;
	}

	/**
	 * The driver's batch exception repeats the statement with its values; what happened
	 * is told by the exception behind it.
	 */
	private static SQLException pastBatch(SQLException exception) {
		SQLException next = exception.getNextException();
		return (exception instanceof BatchUpdateException && next != null) ? next : exception;
	}

	private static boolean contains(List<SQLException> chain, SQLException exception) {
		return chain.stream().anyMatch((seen) -> seen == exception);
	}

}
