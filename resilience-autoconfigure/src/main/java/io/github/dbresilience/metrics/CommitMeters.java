// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.metrics;

import java.util.Locale;

import io.github.dbresilience.commit.CommitOutcome;
import io.github.dbresilience.commit.CommitStatistics;
import io.github.dbresilience.datasource.Protection;

/**
 * What became of COMMITs that did not end as they should.
 */
final class CommitMeters {

	private CommitMeters() {
	}

	static void bind(Meters meters, Protection protection) {
		CommitStatistics statistics = protection.commits().statistics();
		for (CommitOutcome outcome : CommitOutcome.values()) {
			meters.with("outcome", outcome.name().toLowerCase(Locale.ROOT))
				.counter("commits.lost", "COMMITs whose answer was lost, by what was found out", statistics,
						(read) -> read.lostCount(outcome));
		}
		meters.counter("commits.unreplicated", "Commits whose wait for a synchronous standby was cancelled", statistics,
				CommitStatistics::unreplicatedCount);
		meters.gauge("commit.tokens.on", "1 if commits carry a token, 0 if not", protection,
				(read) -> Meters.flag(read.commits().keeper().isTokenOn()));
	}

}
