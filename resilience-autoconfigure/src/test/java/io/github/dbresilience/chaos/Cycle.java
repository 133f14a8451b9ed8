// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.chaos;

import java.util.List;
import java.util.stream.Collectors;

import io.github.dbresilience.chaos.Dependency.Kind;

/**
 * Transactions each of which has to come before the next, in a ring.
 *
 * @param dependencies each begins where the one before ends
 */
record Cycle(List<Dependency> dependencies) {

	/**
	 * The name of the anomaly.
	 * @return as in Adya's thesis
	 */
	String anomaly() {
		long antiDependencies = count(Kind.RW);
		if (antiDependencies == 0) {
			return (count(Kind.WR) == 0) ? "G0" : "G1c";
		}
		return (antiDependencies == 1) ? "G-single" : "G2";
	}

	private long count(Kind kind) {
		return this.dependencies.stream().filter((dependency) -> dependency.kind() == kind).count();
	}

	@Override
	public String toString() {
		return anomaly() + this.dependencies.stream()
			.map((dependency) -> "\n    " + dependency.from() + "\n      " + dependency.kind() + " ("
					+ dependency.reason() + ") before")
			.collect(Collectors.joining()) + "\n    the first again";
	}

}
