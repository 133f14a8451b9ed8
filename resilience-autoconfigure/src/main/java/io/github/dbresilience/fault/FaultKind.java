// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.fault;

import java.util.Set;

/**
 * The fault table: one row per meaning of a SQLState, with the verdict in each
 * {@link Phase}. SQLStates are those of appendix A of the PostgreSQL manual and the
 * SQLStates that the PostgreSQL driver and HikariCP make themselves.
 */
public enum FaultKind {

	/** No connection could be opened, or the server is starting up or shutting down. */
	CONNECT_FAILED(Set.of("08001", "08004", "57P03"), Verdict.RETRY, Verdict.UNKNOWN, Verdict.RETRY, Effect.OUTAGE),

	/** The server has no connection slot left. */
	TOO_MANY_CONNECTIONS(Set.of("53300"), Verdict.RETRY, Verdict.UNKNOWN, Verdict.RETRY, Effect.NONE),

	/** The pool has no connection left while the server is well. */
	POOL_EXHAUSTED(Set.of(), Verdict.FAIL, Verdict.FAIL, Verdict.FAIL, Effect.NONE),

	/**
	 * The established connection broke. Every other SQLState of class 08 is one of these.
	 */
	CONNECTION_LOST(Set.of("08000", "08003", "08006", "08P01", "08S01"), Verdict.RETRY, Verdict.UNKNOWN,
			Verdict.UNKNOWN, Effect.OUTAGE_AND_EVICT),

	/** The session was ended: by an administrator, a shutdown or a crash. */
	SHUTDOWN(Set.of("57P01", "57P02"), Verdict.RETRY, Verdict.UNKNOWN, Verdict.UNKNOWN, Effect.OUTAGE_AND_EVICT),

	/** The session sat idle for longer than {@code idle_session_timeout}. */
	IDLE_SESSION_TIMEOUT(Set.of("57P05"), Verdict.RETRY, Verdict.UNKNOWN, Verdict.UNKNOWN, Effect.EVICT),

	/** The transaction sat idle or ran for longer than the server allows. */
	TRANSACTION_TIMEOUT(Set.of("25P03", "25P04"), Verdict.FAIL, Verdict.UNKNOWN, Verdict.UNKNOWN, Effect.EVICT),

	/** The server's operating system failed it. */
	SYSTEM_ERROR(Set.of("58000", "58030"), Verdict.RETRY, Verdict.RETRY, Verdict.FAIL, Effect.OUTAGE),

	/** Disk, memory or a configured limit of the server is used up. */
	RESOURCE_LIMIT(Set.of("53100", "53200", "53400"), Verdict.FAIL, Verdict.FAIL, Verdict.FAIL, Effect.NONE),

	/** A serialization failure or a deadlock: the server asks for another try. */
	CONFLICT(Set.of("40001", "40P01"), Verdict.RETRY, Verdict.RETRY, Verdict.RETRY, Effect.NONE),

	/**
	 * The transaction was rolled back without more being said; also said by us after a
	 * lost COMMIT that is known not to have happened.
	 */
	ROLLED_BACK(Set.of("40000"), Verdict.RETRY, Verdict.RETRY, Verdict.RETRY, Effect.NONE),

	/** A lock was not available in time, or the object is in use. */
	LOCK_NOT_AVAILABLE(Set.of("55P03", "55006"), Verdict.RETRY, Verdict.RETRY, Verdict.RETRY, Effect.NONE),

	/** A write met a read-only server on a connection that was not declared read-only. */
	READ_ONLY_SERVER(Set.of("25006"), Verdict.RETRY, Verdict.RETRY, Verdict.RETRY, Effect.NONE),

	/** A server-prepared statement is stale or belongs to another session of a pooler. */
	STALE_STATEMENT(Set.of("26000", "42P05"), Verdict.RETRY, Verdict.RETRY, Verdict.RETRY, Effect.NONE),

	/** A server or a proxy says itself that it does not know the outcome. */
	OUTCOME_UNKNOWN(Set.of("40003", "08007"), Verdict.UNKNOWN, Verdict.UNKNOWN, Verdict.UNKNOWN, Effect.EVICT),

	/** Constraint, permission, syntax, data, cancellation and all else. */
	OTHER(Set.of(), Verdict.FAIL, Verdict.FAIL, Verdict.FAIL, Effect.NONE);

	private final Set<String> sqlStates;

	private final Verdict inTransaction;

	private final Verdict atCommit;

	private final Verdict autocommit;

	private final Effect effect;

	FaultKind(Set<String> sqlStates, Verdict inTransaction, Verdict atCommit, Verdict autocommit, Effect effect) {
		this.sqlStates = sqlStates;
		this.inTransaction = inTransaction;
		this.atCommit = atCommit;
		this.autocommit = autocommit;
		this.effect = effect;
	}

	/**
	 * The SQLStates of this row.
	 * @return the five-character codes, empty where the row is known by other signs
	 */
	public Set<String> sqlStates() {
		return this.sqlStates;
	}

	/**
	 * Whether a fault of this kind says that the database is unavailable, which is what
	 * circuit breakers count.
	 * @return {@code true} for an outage, {@code false} for overload and for errors of a
	 * server that answers
	 */
	public boolean countsForBreaker() {
		return this.effect == Effect.OUTAGE || this.effect == Effect.OUTAGE_AND_EVICT;
	}

	/**
	 * Whether the connection that met the fault must not be used again.
	 * @return {@code true} if the pool should close it
	 */
	public boolean evicts() {
		return this.effect == Effect.EVICT || this.effect == Effect.OUTAGE_AND_EVICT;
	}

	Verdict verdict(Phase phase) {
		return switch (phase) {
			case ACQUISITION, IN_TRANSACTION -> this.inTransaction;
			case AT_COMMIT -> this.atCommit;
			case AUTOCOMMIT -> this.autocommit;
		};
	}

	private enum Effect {

		NONE, OUTAGE, EVICT, OUTAGE_AND_EVICT

	}

}
