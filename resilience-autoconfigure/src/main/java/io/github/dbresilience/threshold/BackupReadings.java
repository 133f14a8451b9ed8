// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.threshold;

import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

import io.github.dbresilience.backup.BackupStatus;
import io.github.dbresilience.backup.BackupStatus.Kind;
import io.github.dbresilience.backup.BackupStatus.Run;
import io.github.dbresilience.backup.BackupStatus.State;
import org.jspecify.annotations.Nullable;

/**
 * Reads what the backup scripts have told.
 */
final class BackupReadings {

	private static final Set<Kind> BACKUPS = Set.of(Kind.LOGICAL, Kind.FULL, Kind.INCREMENTAL);

	private static final int MOST_NAMED = 3;

	private BackupReadings() {
	}

	/** The database whose newest backup is the oldest. */
	static @Nullable Reading age(Look look) {
		BackupStatus status = usable(look);
		if (status == null) {
			return null;
		}
		Map<String, Instant> newest = new HashMap<>();
		for (Run run : status.runs()) {
			Instant at = (BACKUPS.contains(run.kind())) ? time(run) : null;
			if (at != null) {
				newest.merge(database(run), at, (one, other) -> one.isAfter(other) ? one : other);
			}
		}
		return newest.entrySet()
			.stream()
			.min(Map.Entry.comparingByValue())
			.map((oldest) -> Reading.of(ThresholdUnit.seconds(age(oldest.getValue(), look)), look.snapshot().at())
				.detail(oldest.getKey()))
			.orElse(null);
	}

	/**
	 * A run that failed, or has not ended, hides the good one before it in the file: that
	 * one is at least as old as its beginning.
	 */
	private static @Nullable Instant time(Run run) {
		return (run.state() == State.OK && run.finishedAt() != null) ? run.finishedAt() : run.startedAt();
	}

	static @Nullable Reading failed(Look look) {
		BackupStatus status = usable(look);
		if (status == null) {
			return null;
		}
		List<Run> failed = status.runs().stream().filter((run) -> run.state() == State.FAILED).toList();
		if (failed.isEmpty()) {
			return Reading.notMet(look.snapshot().at());
		}
		String named = failed.stream()
			.limit(MOST_NAMED)
			.map(BackupReadings::describe)
			.reduce((one, other) -> one + "; " + other)
			.orElse("");
		return Reading.met(look.snapshot().at(),
				(failed.size() > MOST_NAMED) ? named + "; and " + (failed.size() - MOST_NAMED) + " more" : named);
	}

	private static String describe(Run run) {
		String text = word(run.kind()) + " of " + database(run);
		return (run.error() != null) ? text + ": " + run.error() : text;
	}

	/** A file that cannot be used is older than any limit. */
	static @Nullable Reading status(Look look) {
		BackupStatus status = look.snapshot().backup();
		if (status == null) {
			return null;
		}
		if (status.problem() != null) {
			return new Reading(Double.POSITIVE_INFINITY, look.snapshot().at(), status.problem());
		}
		return (status.updatedAt() != null)
				? Reading.of(ThresholdUnit.seconds(age(status.updatedAt(), look)), look.snapshot().at()) : null;
	}

	static @Nullable Reading recoveryPoint(Look look) {
		return measured(look, Run::rpo);
	}

	static @Nullable Reading recoveryTime(Look look) {
		return measured(look, Run::rto);
	}

	private static @Nullable Reading measured(Look look, Function<Run, @Nullable Duration> figure) {
		BackupStatus status = usable(look);
		if (status == null) {
			return null;
		}
		Reading worst = null;
		for (Run run : status.runs()) {
			Reading reading = Reading.of(figure.apply(run), look.snapshot().at());
			if (reading != null && (worst == null || reading.value() > worst.value())) {
				worst = reading.detail(word(run.kind()) + " of " + database(run));
			}
		}
		return worst;
	}

	private static @Nullable BackupStatus usable(Look look) {
		BackupStatus status = look.snapshot().backup();
		return (status != null && status.problem() == null) ? status : null;
	}

	private static Duration age(Instant then, Look look) {
		Duration age = Duration.between(then, look.snapshot().at());
		return age.isNegative() ? Duration.ZERO : age;
	}

	private static String database(Run run) {
		return (run.database() != null) ? run.database() : "the whole server";
	}

	private static String word(Kind kind) {
		return kind.name().toLowerCase(Locale.ROOT);
	}

}
