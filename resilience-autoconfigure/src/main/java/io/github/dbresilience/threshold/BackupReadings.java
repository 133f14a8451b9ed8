// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.threshold;

import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

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

	private static final Set<Kind> CONTINUOUS = Set.of(Kind.ARCHIVE, Kind.STREAM);

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
	 * Where it is not told when a run succeeded last, that is at least as long ago as the
	 * beginning of the one that did not.
	 */
	private static @Nullable Instant time(Run run) {
		return (run.lastSuccessAt() != null) ? run.lastSuccessAt() : run.startedAt();
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

	/**
	 * The database that would lose the most. What the archive or the stream has lets lose
	 * no more than the time since then, the newer of both counts; without them it is what
	 * was measured last.
	 */
	static @Nullable Reading recoveryPoint(Look look) {
		Map<String, Figure> live = new HashMap<>();
		Map<String, Figure> measured = new HashMap<>();
		for (Run run : runs(look)) {
			if (CONTINUOUS.contains(run.kind()) && run.recoverableTo() != null) {
				live.merge(database(run), new Figure(run, age(run.recoverableTo(), look), ""), Figure::smaller);
			}
			else if (run.rpo() != null) {
				measured.merge(database(run), new Figure(run, run.rpo(), ""), Figure::larger);
			}
		}
		measured.putAll(live);
		return worst(measured.values().stream(), look);
	}

	/** The longest of what was measured and what is expected of the newest backups. */
	static @Nullable Reading recoveryTime(Look look) {
		BackupStatus status = usable(look);
		return worst(runs(look).stream().flatMap((run) -> {
			Duration predicted = (status != null) ? status.predictedRestore(run) : null;
			return Stream.concat((run.rto() != null) ? Stream.of(new Figure(run, run.rto(), "")) : Stream.empty(),
					(predicted != null) ? Stream.of(new Figure(run, predicted, ", predicted from its size"))
							: Stream.empty());
		}), look);
	}

	private static @Nullable Reading worst(Stream<Figure> figures, Look look) {
		Figure worst = figures.reduce(Figure::larger).orElse(null);
		return (worst != null) ? new Reading(ThresholdUnit.seconds(worst.value()), look.snapshot().at(),
				word(worst.run().kind()) + " of " + database(worst.run()) + worst.remark()) : null;
	}

	private static List<Run> runs(Look look) {
		BackupStatus status = usable(look);
		return (status != null) ? status.runs() : List.of();
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

	/**
	 * What was found for a run.
	 */
	private record Figure(Run run, Duration value, String remark) {

		Figure larger(Figure other) {
			return (other.value.compareTo(this.value) > 0) ? other : this;
		}

		Figure smaller(Figure other) {
			return (other.value.compareTo(this.value) < 0) ? other : this;
		}

	}

}
