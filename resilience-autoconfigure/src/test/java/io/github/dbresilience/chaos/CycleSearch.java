// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.chaos;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashSet;
import java.util.LinkedList;
import java.util.List;
import java.util.Map;
import java.util.Set;

import io.github.dbresilience.chaos.Dependency.Kind;
import org.jspecify.annotations.Nullable;

/**
 * Finds a shortest cycle of the worst kind in each tangle of transactions.
 */
final class CycleSearch {

	/** A large tangle has short cycles in many places. */
	private static final int STARTS = 300;

	private final Map<Operation, List<Dependency>> outgoing = new IdentityHashMap<>();

	private final Set<Operation> nodes = new LinkedHashSet<>();

	CycleSearch(Collection<Dependency> dependencies) {
		for (Dependency dependency : dependencies) {
			this.nodes.add(dependency.from());
			this.nodes.add(dependency.to());
			this.outgoing.computeIfAbsent(dependency.from(), (node) -> new ArrayList<>()).add(dependency);
		}
	}

	List<Cycle> cycles() {
		return StrongComponents.of(this.nodes, (node) -> outgoing(node).stream().map(Dependency::to).toList())
			.stream()
			.map(this::worst)
			.toList();
	}

	private Cycle worst(Set<Operation> component) {
		Cycle cycle = shortest(component, EnumSet.of(Kind.WW), EnumSet.of(Kind.WW));
		if (cycle == null) {
			cycle = shortest(component, EnumSet.of(Kind.WW, Kind.WR), EnumSet.of(Kind.WW, Kind.WR));
		}
		if (cycle == null) {
			cycle = shortest(component, EnumSet.of(Kind.RW), EnumSet.of(Kind.WW, Kind.WR));
		}
		if (cycle == null) {
			cycle = shortest(component, EnumSet.allOf(Kind.class), EnumSet.allOf(Kind.class));
		}
		if (cycle == null) {
			throw new IllegalStateException("A strongly connected component has no cycle");
		}
		return cycle;
	}

	/** A cycle that begins with a dependency of some kinds and goes on with others. */
	private @Nullable Cycle shortest(Set<Operation> component, Set<Kind> first, Set<Kind> others) {
		Cycle best = null;
		for (Operation node : component.stream().limit(STARTS).toList()) {
			for (Dependency dependency : outgoing(node)) {
				if (first.contains(dependency.kind()) && component.contains(dependency.to())) {
					List<Dependency> back = path(dependency.to(), node, component, others);
					if (back != null && (best == null || back.size() + 1 < best.dependencies().size())) {
						back.add(0, dependency);
						best = new Cycle(List.copyOf(back));
					}
				}
			}
		}
		return best;
	}

	private @Nullable List<Dependency> path(Operation from, Operation to, Set<Operation> within, Set<Kind> kinds) {
		Map<Operation, Dependency> reachedBy = new HashMap<>();
		Deque<Operation> queue = new ArrayDeque<>(List.of(from));
		while (!queue.isEmpty()) {
			Operation node = queue.remove();
			if (node.equals(to)) {
				LinkedList<Dependency> path = new LinkedList<>();
				for (Operation at = to; !at.equals(from); at = path.getFirst().from()) {
					path.addFirst(reachedBy.get(at));
				}
				return path;
			}
			for (Dependency dependency : outgoing(node)) {
				Operation next = dependency.to();
				if (kinds.contains(dependency.kind()) && within.contains(next) && !next.equals(from)
						&& reachedBy.putIfAbsent(next, dependency) == null) {
					queue.add(next);
				}
			}
		}
		return null;
	}

	private List<Dependency> outgoing(Operation node) {
		return this.outgoing.getOrDefault(node, List.of());
	}

}
