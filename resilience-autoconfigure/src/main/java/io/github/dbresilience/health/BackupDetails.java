// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.health;

import java.time.Duration;
import java.util.Map;

import io.github.dbresilience.backup.BackupStatus;
import io.github.dbresilience.monitor.Snapshot;
import org.jspecify.annotations.Nullable;

/**
 * What the backup scripts have told last.
 */
final class BackupDetails {

	private BackupDetails() {
	}

	static @Nullable Details of(Snapshot snapshot) {
		BackupStatus backup = snapshot.backup();
		if (backup == null) {
			return null;
		}
		return new Details().with("problem", backup.problem())
			.with("updatedAt", backup.updatedAt())
			.with("runs", backup.runs().stream().map((run) -> run(run, backup, snapshot)).toList());
	}

	private static Map<String, Object> run(BackupStatus.Run run, BackupStatus backup, Snapshot snapshot) {
		return new Details().with("kind", run.kind())
			.with("database", run.database())
			.with("state", run.state())
			.with("finishedAt", run.finishedAt())
			.seconds("ageSeconds",
					(run.finishedAt() != null) ? Duration.between(run.finishedAt(), snapshot.at()) : null)
			.with("lastSuccessAt", run.lastSuccessAt())
			.with("bytes", run.bytes())
			.with("error", run.error())
			.with("recoverableFrom", run.recoverableFrom())
			.with("recoverableTo", run.recoverableTo())
			.seconds("rpoSeconds", run.rpo())
			.seconds("rtoSeconds", run.rto())
			.seconds("predictedRtoSeconds", backup.predictedRestore(run))
			.toMap();
	}

}
