// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.metrics;

import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.function.BiFunction;
import java.util.stream.Stream;

import io.github.dbresilience.backup.BackupStatus;
import io.github.dbresilience.backup.BackupStatus.Kind;
import io.github.dbresilience.backup.BackupStatus.Run;
import io.github.dbresilience.backup.BackupStatus.State;
import io.github.dbresilience.monitor.Snapshot;
import org.jspecify.annotations.Nullable;

/**
 * What the backup scripts told last: the newest run of each kind. Where several databases
 * are backed up, the worst one counts.
 */
final class BackupMeters {

	private BackupMeters() {
	}

	static void bind(Meters meters, Source source) {
		meters.gauge("backup.status.usable", "1 if the backup status file can be used, 0 if not", source,
				(read) -> Meters.flag(isUsable(read.snapshot().backup())));
		meters.time("backup.status.age", "Time since the backup status file was written", source,
				(read) -> age(read.snapshot()));
		for (Kind kind : Kind.values()) {
			bind(meters.with("kind", kind.name().toLowerCase(Locale.ROOT)), source, kind);
		}
	}

	private static void bind(Meters meters, Source source, Kind kind) {
		meters.time("backup.age", "Time since a run succeeded last", source,
				(read) -> longest(read.snapshot(), kind, (run, now) -> between(run.lastSuccessAt(), now)));
		meters.gauge("backup.failed", "Databases whose newest run failed", source,
				(read) -> failed(runs(read.snapshot(), kind)));
		meters.bytes("backup.size", "Size of what the newest runs wrote", source,
				(read) -> bytes(runs(read.snapshot(), kind)));
		meters.time("backup.rpo", "Measured loss", source,
				(read) -> longest(read.snapshot(), kind, (run, now) -> run.rpo()));
		meters.time("backup.rto", "Measured time to restore", source,
				(read) -> longest(read.snapshot(), kind, (run, now) -> run.rto()));
		meters.time("backup.rto.predicted", "Expected time to restore the newest backup, by the rate of the last drill",
				source, (read) -> longest(read.snapshot(), kind, (run, now) -> predicted(read.snapshot(), run)));
		meters.time("backup.recoverable.window", "Time span that can be restored", source,
				(read) -> values(read.snapshot(), kind, BackupMeters::window).min(Comparator.naturalOrder())
					.orElse(null));
		meters.time("backup.recoverable.age", "Time since the latest moment that can be restored", source,
				(read) -> longest(read.snapshot(), kind, (run, now) -> between(run.recoverableTo(), now)));
	}

	private static @Nullable Boolean isUsable(@Nullable BackupStatus backup) {
		return (backup != null) ? backup.problem() == null : null;
	}

	private static @Nullable Duration age(Snapshot snapshot) {
		return (snapshot.backup() != null) ? between(snapshot.backup().updatedAt(), snapshot.at()) : null;
	}

	private static @Nullable Duration predicted(Snapshot snapshot, Run run) {
		return (snapshot.backup() != null) ? snapshot.backup().predictedRestore(run) : null;
	}

	private static @Nullable Duration window(Run run, Instant now) {
		return (run.recoverableTo() != null) ? between(run.recoverableFrom(), run.recoverableTo()) : null;
	}

	private static @Nullable Duration between(@Nullable Instant from, Instant to) {
		return (from != null) ? Duration.between(from, to) : null;
	}

	private static double failed(List<Run> runs) {
		return runs.isEmpty() ? Double.NaN : runs.stream().filter((run) -> run.state() == State.FAILED).count();
	}

	private static @Nullable Long bytes(List<Run> runs) {
		return runs.stream().map(Run::bytes).filter(Objects::nonNull).reduce(Long::sum).orElse(null);
	}

	private static @Nullable Duration longest(Snapshot snapshot, Kind kind,
			BiFunction<Run, Instant, @Nullable Duration> value) {
		return values(snapshot, kind, value).max(Comparator.naturalOrder()).orElse(null);
	}

	private static Stream<Duration> values(Snapshot snapshot, Kind kind,
			BiFunction<Run, Instant, @Nullable Duration> value) {
		return runs(snapshot, kind).stream().flatMap((run) -> Stream.ofNullable(value.apply(run, snapshot.at())));
	}

	private static List<Run> runs(Snapshot snapshot, Kind kind) {
		BackupStatus backup = snapshot.backup();
		return (backup == null) ? List.of() : backup.runs().stream().filter((run) -> run.kind() == kind).toList();
	}

}
