// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.chaos;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/**
 * Tarjan's algorithm, without recursion: histories are long.
 *
 * @param <N> type of the nodes
 */
final class StrongComponents<N> {

	private final Function<N, ? extends Iterable<N>> successors;

	private final Map<N, Integer> index = new HashMap<>();

	private final Map<N, Integer> low = new HashMap<>();

	private final Deque<N> stack = new ArrayDeque<>();

	private final Set<N> onStack = new HashSet<>();

	private final List<Set<N>> components = new ArrayList<>();

	private StrongComponents(Function<N, ? extends Iterable<N>> successors) {
		this.successors = successors;
	}

	/**
	 * Finds the strongly connected components with more than one node.
	 * @param <N> type of the nodes
	 * @param nodes all nodes
	 * @param successors of a node
	 * @return the components
	 */
	static <N> List<Set<N>> of(Iterable<N> nodes, Function<N, ? extends Iterable<N>> successors) {
		StrongComponents<N> search = new StrongComponents<>(successors);
		for (N node : nodes) {
			if (!search.index.containsKey(node)) {
				search.visit(node);
			}
		}
		return search.components;
	}

	private void visit(N root) {
		Deque<Frame<N>> frames = new ArrayDeque<>();
		frames.push(enter(root));
		while (!frames.isEmpty()) {
			Frame<N> frame = frames.peek();
			if (frame.successors.hasNext()) {
				N next = frame.successors.next();
				if (!this.index.containsKey(next)) {
					frames.push(enter(next));
				}
				else if (this.onStack.contains(next)) {
					this.low.merge(frame.node, this.index.get(next), Math::min);
				}
			}
			else {
				frames.pop();
				if (!frames.isEmpty()) {
					this.low.merge(frames.peek().node, this.low.get(frame.node), Math::min);
				}
				if (this.low.get(frame.node).equals(this.index.get(frame.node))) {
					leave(frame.node);
				}
			}
		}
	}

	private Frame<N> enter(N node) {
		this.index.put(node, this.index.size());
		this.low.put(node, this.index.get(node));
		this.stack.push(node);
		this.onStack.add(node);
		return new Frame<>(node, this.successors.apply(node).iterator());
	}

	private void leave(N root) {
		Set<N> component = new LinkedHashSet<>();
		N node;
		do {
			node = this.stack.pop();
			this.onStack.remove(node);
			component.add(node);
		}
		while (!node.equals(root));
		if (component.size() > 1) {
			this.components.add(component);
		}
	}

	private record Frame<N>(N node, Iterator<N> successors) {
	}

}
