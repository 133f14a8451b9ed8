// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.backup;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;

import org.jspecify.annotations.Nullable;

/**
 * What the backup scripts have told last. Immutable.
 *
 * @param readAt when the file was read
 * @param updatedAt when the scripts wrote it, {@code null} if it could not be read
 * @param problem why the file is of no use, for an operator: missing, too large, broken,
 * of another version; {@code null} if it is fine
 * @param runs the newest run of each kind and database; empty if there is a problem
 */
public record BackupStatus(Instant readAt, @Nullable Instant updatedAt, @Nullable String problem, List<Run> runs) {

	/**
	 * How long it would take to restore a backup, by the rate of the last rehearsal of
	 * its database.
	 * @param backup a run of this status
	 * @return the time, {@code null} if it is no backup that is restored by itself, or
	 * nothing was rehearsed
	 */
	public @Nullable Duration predictedRestore(Run backup) {
		if ((backup.kind() != Kind.LOGICAL && backup.kind() != Kind.FULL) || backup.bytes() == null) {
			return null;
		}
		for (Run drill : this.runs) {
			if (drill.kind() == Kind.DRILL && Objects.equals(drill.database(), backup.database()) && drill.rto() != null
					&& drill.bytes() != null && drill.bytes() > 0) {
				double factor = (double) backup.bytes() / drill.bytes();
				return Duration.ofMillis(Math.round(factor * drill.rto().toMillis()));
			}
		}
		return null;
	}

	/**
	 * One run of a script.
	 *
	 * @param kind what was done
	 * @param database the database, {@code null} for a whole server
	 * @param state how it ended
	 * @param startedAt when it began, {@code null} if not told
	 * @param finishedAt when it ended, {@code null} while it runs
	 * @param bytes the size of what was written, {@code null} if not told
	 * @param error why it failed, {@code null} if it did not
	 * @param recoverableFrom the earliest moment that can be restored, {@code null} if
	 * not told
	 * @param recoverableTo the latest moment that can be restored, {@code null} if not
	 * told
	 * @param rpo the measured loss, {@code null} if not measured
	 * @param rto the measured time to restore, {@code null} if not measured
	 * @param lastSuccessAt when this or an earlier run of the kind succeeded last,
	 * {@code null} if none has, or not told
	 */
	public record Run(Kind kind, @Nullable String database, State state, @Nullable Instant startedAt,
			@Nullable Instant finishedAt, @Nullable Long bytes, @Nullable String error,
			@Nullable Instant recoverableFrom, @Nullable Instant recoverableTo, @Nullable Duration rpo,
			@Nullable Duration rto, @Nullable Instant lastSuccessAt) {

	}

	/** What a run did. */
	public enum Kind {

		/** A dump of a database. */
		LOGICAL,

		/** A full copy of the data directory. */
		FULL,

		/** What has changed since a full copy. */
		INCREMENTAL,

		/** The archive of WAL. */
		ARCHIVE,

		/** The stream of WAL. */
		STREAM,

		/** A check of what is kept. */
		VERIFY,

		/** A rehearsed restore. */
		DRILL

	}

	/** How a run ended. */
	public enum State {

		/** It succeeded. */
		OK,

		/** It failed. */
		FAILED,

		/** It has not ended yet. */
		RUNNING

	}

}
