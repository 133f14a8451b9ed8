// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.alert;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * Knows what is the matter and tells everybody who listens. <b>Publishing never waits for
 * a listener and never throws because of one.</b> Thread-safe.
 */
public final class Alerts implements AutoCloseable {

	/** How long the end of the application waits for slow listeners. */
	private static final Duration FLUSH = Duration.ofSeconds(5);

	/** So that somebody who publishes and never resolves does not fill the memory. */
	private static final int MOST_ACTIVE = 1000;

	private final Map<String, AlertEvent> active = new LinkedHashMap<>();

	private final List<AlertChannel> channels = new CopyOnWriteArrayList<>();

	private final int capacity;

	/**
	 * Creates alerts that nobody listens to yet.
	 * @param capacity how many events wait for one listener at most
	 */
	public Alerts(int capacity) {
		if (capacity < 1) {
			throw new IllegalArgumentException("A queue for alerts needs room for one at least, not " + capacity);
		}
		this.capacity = capacity;
	}

	/**
	 * Adds a listener. It is told what happens from now on.
	 * @param name what it is called in the log and in the meters
	 * @param listener who is told, in order, on a thread of its own
	 */
	public void add(String name, AlertListener listener) {
		this.channels.add(new AlertChannel(name, listener, this.capacity));
	}

	/**
	 * Tells every listener.
	 * @param event what began, changed or is over
	 */
	public synchronized void publish(AlertEvent event) {
		this.active.remove(event.fingerprint());
		if (event.status() == AlertEvent.Status.FIRING) {
			if (this.active.size() == MOST_ACTIVE) {
				this.active.remove(this.active.keySet().iterator().next());
			}
			this.active.put(event.fingerprint(), event);
		}
		// Inside the lock, so that all listeners are told in the same order
		this.channels.forEach((channel) -> channel.tell(event));
	}

	/**
	 * What is the matter now.
	 * @return a copy: the last event of each alert that is not resolved
	 */
	public synchronized List<AlertEvent> active() {
		return new ArrayList<>(this.active.values());
	}

	/**
	 * Tells sinks again what is still the matter, once a minute. To be called about every
	 * second.
	 * @param now the time
	 */
	public synchronized void repeat(Instant now) {
		List<AlertEvent> firing = active();
		if (!firing.isEmpty()) {
			this.channels.forEach((channel) -> channel.repeat(firing, now));
		}
	}

	/**
	 * What became of the events, by listener.
	 * @return a snapshot in the order in which the listeners were added
	 */
	public List<ListenerStatistics> statistics() {
		return this.channels.stream().map(AlertChannel::statistics).toList();
	}

	/**
	 * Waits until everybody was told everything.
	 * @param atMost for how long
	 */
	public void flush(Duration atMost) {
		long deadline = System.nanoTime() + atMost.toNanos();
		try {
			for (AlertChannel channel : this.channels) {
				channel.awaitIdle(deadline);
			}
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

	/**
	 * Takes no more events, and gives listeners a few seconds to take what they were told
	 * already. No alert is resolved.
	 */
	@Override
	public void close() {
		flush(FLUSH);
		this.channels.forEach(AlertChannel::close);
	}

}
