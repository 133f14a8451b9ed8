// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.topology;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;

import org.jspecify.annotations.Nullable;

/**
 * Remembers the highest timeline that was seen of a system identifier. A promotion starts
 * a new timeline; whoever still calls itself primary on a lower one was left behind, and
 * what it is given to write will be lost. Two servers that took the same timeline cannot
 * be told apart. Nothing is kept beyond the life of the application. Thread-safe.
 */
public final class TimelineFence {

	/** A data source meets one, or two while it moves to another cluster. */
	private static final int SYSTEMS_KEPT = 8;

	private final Map<String, Integer> highest = new LinkedHashMap<>();

	private volatile Consumer<ServerIdentity> listener = (identity) -> {
	};

	/**
	 * Sets who is told, on the thread that saw it, of a timeline that is higher than one
	 * that was seen before.
	 * @param listener told who was seen on it; must return soon
	 */
	public void onRaised(Consumer<ServerIdentity> listener) {
		this.listener = listener;
	}

	/**
	 * Takes note of a server. Of a standby the timeline is that of its past, which is a
	 * lower bound: it counts too.
	 * @param identity who it says it is
	 */
	public void saw(ServerIdentity identity) {
		if (raise(identity)) {
			this.listener.accept(identity);
		}
	}

	private synchronized boolean raise(ServerIdentity identity) {
		String system = identity.systemIdentifier();
		if (system == null || identity.timeline() == 0) {
			return false;
		}
		Integer before = this.highest.get(system);
		if (before != null && before >= identity.timeline()) {
			return false;
		}
		this.highest.put(system, identity.timeline());
		if (this.highest.size() > SYSTEMS_KEPT) {
			this.highest.remove(this.highest.keySet().iterator().next());
		}
		return before != null;
	}

	/**
	 * Whether a server was left behind by a promotion.
	 * @param identity who it says it is
	 * @return {@code true} if it calls itself primary on a timeline that is lower than
	 * one that was seen
	 */
	public boolean isStale(ServerIdentity identity) {
		Integer known = known(identity.systemIdentifier());
		return identity.isPrimary() && identity.timeline() > 0 && known != null && identity.timeline() < known;
	}

	/**
	 * The highest timeline.
	 * @param systemIdentifier a system, {@code null} if it is not known
	 * @return the timeline, {@code null} if none was seen
	 */
	public synchronized @Nullable Integer known(@Nullable String systemIdentifier) {
		return (systemIdentifier != null) ? this.highest.get(systemIdentifier) : null;
	}

	/**
	 * Forgets all timelines: somebody knows that the lower one is right, for example
	 * after a restore to an earlier time.
	 */
	public synchronized void reset() {
		this.highest.clear();
	}

}
