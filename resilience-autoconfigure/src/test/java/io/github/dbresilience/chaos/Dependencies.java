// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.chaos;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import io.github.dbresilience.chaos.Dependency.Kind;
import io.github.dbresilience.chaos.ListReads.External;
import org.jspecify.annotations.Nullable;

/**
 * Which transaction has to come before which other, as the lists show it.
 */
final class Dependencies {

	private final Map<Long, Operation> writers;

	private final Map<Integer, List<Long>> order;

	private final List<Dependency> found = new ArrayList<>();

	/**
	 * Prepares the search.
	 * @param writers who appended a value
	 * @param order the final lists, without doubles
	 */
	Dependencies(Map<Long, Operation> writers, Map<Integer, List<Long>> order) {
		this.writers = writers;
		this.order = order;
	}

	List<Dependency> of(List<Operation> readers) {
		this.order.forEach((key, values) -> {
			for (int i = 1; i < values.size(); i++) {
				add(writer(values, i - 1), writer(values, i), Kind.WW,
						values.get(i) + " follows " + values.get(i - 1) + " in list " + key);
			}
		});
		readers.forEach((reader) -> ListReads.of(reader).external().forEach((read) -> add(reader, read)));
		return this.found;
	}

	private void add(Operation reader, External read) {
		List<Long> values = this.order.getOrDefault(read.key(), List.of());
		if (!read.isPrefixOf(values)) {
			return;
		}
		int size = read.seen().size();
		if (size > 0) {
			add(writer(values, size - 1), reader, Kind.WR,
					"wrote " + values.get(size - 1) + " in list " + read.key() + ", which was read");
		}
		if (size < values.size()) {
			add(reader, writer(values, size), Kind.RW, "read list " + read.key() + " without " + values.get(size));
		}
	}

	private @Nullable Operation writer(List<Long> values, int index) {
		return this.writers.get(values.get(index));
	}

	private void add(@Nullable Operation from, @Nullable Operation to, Kind kind, String reason) {
		if (from != null && to != null && !from.equals(to)) {
			this.found.add(new Dependency(from, to, kind, reason));
		}
	}

}
