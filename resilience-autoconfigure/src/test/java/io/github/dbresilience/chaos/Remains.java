// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.chaos;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

import io.github.dbresilience.chaos.Finding.Kind;

/**
 * What dead primaries hold. What was acknowledged, is missing on the new primary and is
 * there was lost by PostgreSQL, whose replication was behind: no application can do
 * anything about that.
 */
final class Remains {

	private final Set<Object> ids = new HashSet<>();

	/**
	 * Takes what a dead primary holds.
	 * @param state its tables
	 */
	void add(FinalState state) {
		state.transfers().forEach((transfer) -> this.ids.add(transfer.id()));
		this.ids.addAll(state.inserts());
	}

	/**
	 * Takes out of a verdict what PostgreSQL has lost.
	 * @param verdict a verdict
	 * @return what remains
	 */
	Verdict without(Verdict verdict) {
		List<Finding> findings = new ArrayList<>(verdict.findings());
		findings.removeIf(this::isLostByServer);
		return new Verdict(verdict.history(), findings);
	}

	/**
	 * How much PostgreSQL has lost.
	 * @param verdict a verdict
	 * @return acknowledged commits that only a dead primary has
	 */
	long lostByServer(Verdict verdict) {
		return verdict.findings().stream().filter(this::isLostByServer).count();
	}

	private boolean isLostByServer(Finding finding) {
		return finding.kind() == Kind.LOST && this.ids.contains(finding.subject());
	}

}
