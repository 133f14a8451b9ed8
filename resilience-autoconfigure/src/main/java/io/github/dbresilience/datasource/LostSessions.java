// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.datasource;

import java.util.concurrent.atomic.AtomicLong;

import io.github.dbresilience.fault.Fault;
import org.jspecify.annotations.Nullable;

/**
 * The lost sessions of a pool, the last of them with its reason. The tap is told no
 * connection; a lease that finds its own gone looks here for the reason. Thread-safe.
 */
final class LostSessions {

	private final AtomicLong outages = new AtomicLong();

	private volatile Lost last = new Lost(0, null);

	synchronized void add(Fault fault) {
		this.last = new Lost(this.last.number + 1, fault);
	}

	/**
	 * Counts an outage that left its connection usable.
	 */
	void addOutage() {
		this.outages.incrementAndGet();
	}

	long outages() {
		return this.outages.get();
	}

	long mark() {
		return this.last.number;
	}

	/**
	 * The last fault that cost a connection.
	 * @param mark when to start looking
	 * @return the fault, {@code null} if no session was lost since then
	 */
	@Nullable Fault since(long mark) {
		Lost lost = this.last;
		return (lost.number > mark) ? lost.fault : null;
	}

	private record Lost(long number, @Nullable Fault fault) {

	}

}
