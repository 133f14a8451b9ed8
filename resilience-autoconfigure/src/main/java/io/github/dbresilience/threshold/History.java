// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.threshold;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.EnumMap;
import java.util.Map;

/**
 * What a count was a while ago, for thresholds that look at how it grows. All counts
 * begin at 0 with the application. Not thread-safe.
 */
final class History {

	private final Map<ThresholdKind, Deque<Change>> changes = new EnumMap<>(ThresholdKind.class);

	/**
	 * By how much a count has grown.
	 * @param kind whose count it is
	 * @param count what it is now
	 * @param within how far to look back
	 * @param now the time
	 * @return the growth
	 */
	long growth(ThresholdKind kind, long count, Duration within, Instant now) {
		Deque<Change> known = this.changes.computeIfAbsent(kind, (any) -> new ArrayDeque<>());
		Change last = known.peekLast();
		long before = (last != null) ? last.to() : 0;
		if (count > before) {
			known.addLast(new Change(now, before, count));
		}
		while (known.size() > 1 && known.getFirst().at().isBefore(now.minus(within))) {
			known.removeFirst();
		}
		Change first = known.peekFirst();
		if (first == null) {
			return 0;
		}
		return first.at().isBefore(now.minus(within)) ? 0 : count - first.from();
	}

	/**
	 * A growth that was seen.
	 *
	 * @param at when
	 * @param from the count before
	 * @param to the count after
	 */
	private record Change(Instant at, long from, long to) {

	}

}
