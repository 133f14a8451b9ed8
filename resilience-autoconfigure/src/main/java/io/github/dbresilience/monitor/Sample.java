// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.monitor;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;

import org.jspecify.annotations.Nullable;

/**
 * The slow look at a server, every {@code health.sample-interval}. A reading is
 * {@code null} where it does not apply or could not be taken; why it could not is in
 * {@code missing}. Immutable.
 *
 * @param at when it was taken
 * @param connectLatency how long a fresh connection took to open
 * @param queryLatency how long a query on the catalog took
 * @param sessions the sessions of the server
 * @param replication the replication as this server sees it
 * @param archive the WAL archive, {@code null} where archiving is off
 * @param transactionIdAge the age in transactions of the oldest row that is not frozen,
 * over all databases
 * @param missing why a reading is missing, by its name; at most one entry per reading
 */
public record Sample(Instant at, @Nullable Duration connectLatency, @Nullable Duration queryLatency,
		@Nullable Sessions sessions, @Nullable Replication replication, @Nullable Archive archive,
		@Nullable Long transactionIdAge, Map<String, String> missing) {

	/**
	 * The sessions of a server.
	 *
	 * @param open client sessions
	 * @param limit how many an ordinary role may have in all
	 * @param longestTransaction the age of the oldest transaction, {@code null} if there
	 * is none
	 * @param longestIdleInTransaction for how long a session has sat idle in a
	 * transaction, {@code null} if none does
	 */
	public record Sessions(int open, int limit, @Nullable Duration longestTransaction,
			@Nullable Duration longestIdleInTransaction) {

	}

	/**
	 * Replication, of a primary over all its standbys, of a standby its own.
	 *
	 * @param standbys how many stream from this server
	 * @param lagBytes WAL that the furthest standby has not replayed, {@code null} where
	 * nobody replicates or it is not told
	 * @param lagTime how old the last replayed transaction of the furthest standby is,
	 * {@code null} where nobody replicates or it is not told
	 * @param slotBytes WAL that the furthest replication slot holds back, {@code null}
	 * where there is none
	 */
	public record Replication(int standbys, @Nullable Long lagBytes, @Nullable Duration lagTime,
			@Nullable Long slotBytes) {

	}

	/**
	 * The archive of WAL.
	 *
	 * @param failing whether the last attempt failed
	 * @param failures failed attempts since the server's statistics were reset
	 * @param waitingSegments segments that wait to be archived, {@code null} where it is
	 * not told
	 * @param oldestWaiting for how long the oldest of them has waited, {@code null} where
	 * none does or it is not told
	 */
	public record Archive(boolean failing, long failures, @Nullable Integer waitingSegments,
			@Nullable Duration oldestWaiting) {

	}

}
