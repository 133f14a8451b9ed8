// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.testing;

import java.util.concurrent.atomic.LongAdder;

/**
 * Counts what goes through a {@link FaultProxy}. Thread-safe.
 */
final class TrafficMeter {

	private final LongAdder connections = new LongAdder();

	private final LongAdder messages = new LongAdder();

	private final LongAdder roundTrips = new LongAdder();

	private final LongAdder bytesToServer = new LongAdder();

	private final LongAdder bytesToClient = new LongAdder();

	void opened() {
		this.connections.increment();
	}

	void toServer(ClientBatch batch) {
		this.messages.add(batch.messages());
		this.bytesToServer.add(batch.bytes().length);
		if (batch.answered()) {
			this.roundTrips.increment();
		}
	}

	void toClient(int bytes) {
		this.bytesToClient.add(bytes);
	}

	Traffic read() {
		return new Traffic(this.connections.sum(), this.messages.sum(), this.roundTrips.sum(), this.bytesToServer.sum(),
				this.bytesToClient.sum());
	}

}
