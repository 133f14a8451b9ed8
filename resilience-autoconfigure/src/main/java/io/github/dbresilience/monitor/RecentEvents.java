// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.monitor;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;

/**
 * The last events of all data sources, so that an operator who comes later can see what
 * happened. Thread-safe.
 */
public final class RecentEvents {

	private static final int KEPT = 100;

	private final Deque<MonitorEvent> events = new ArrayDeque<>(KEPT);

	/**
	 * Adds an event and forgets the oldest one if there are too many.
	 * @param event what happened
	 */
	public synchronized void add(MonitorEvent event) {
		if (this.events.size() == KEPT) {
			this.events.removeFirst();
		}
		this.events.addLast(event);
	}

	/**
	 * The events.
	 * @return a copy, the newest first
	 */
	public synchronized List<MonitorEvent> newestFirst() {
		List<MonitorEvent> copy = new ArrayList<>(this.events);
		Collections.reverse(copy);
		return copy;
	}

}
