// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.testing;

import java.io.IOException;
import java.net.Socket;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;

/**
 * One direction of a connection, as a long cable would be: everything arrives later, by
 * the same time, and as much at once as before. One thread writes at a time.
 */
final class DelayLine implements Runnable {

	/** Linux wakes a thread up to 50 µs late, and some more is needed to run again. */
	private static final long SPIN_NANOS = 100_000;

	private final ProxiedConnection connection;

	private final Socket target;

	private final LongSupplier delayNanos;

	private final Gate gate;

	private final BlockingQueue<Parcel> parcels = new LinkedBlockingQueue<>();

	private final AtomicInteger pending = new AtomicInteger();

	DelayLine(ProxiedConnection connection, Socket target, LongSupplier delayNanos, Gate gate) {
		this.connection = connection;
		this.target = target;
		this.delayNanos = delayNanos;
		this.gate = gate;
	}

	/**
	 * Sends bytes.
	 * @param bytes what to send; to send none means to end the stream
	 */
	void write(byte[] bytes) {
		long now = System.nanoTime();
		long delay = this.delayNanos.getAsLong();
		if (delay == 0 && this.gate.isOpen() && this.pending.get() == 0) {
			deliver(bytes);
			return;
		}
		this.pending.incrementAndGet();
		this.parcels.add(new Parcel(bytes, now + delay));
	}

	/** Ends the stream once all has arrived that was sent. */
	void end() {
		write(new byte[0]);
	}

	@Override
	public void run() {
		try {
			while (!this.connection.isClosed()) {
				Parcel parcel = this.parcels.take();
				parkUntil(parcel.dueNanos());
				this.gate.pass(this.connection::isClosed);
				deliver(parcel.bytes());
				this.pending.decrementAndGet();
			}
		}
		catch (InterruptedException ex) {
			// The connection was closed.
		}
	}

	private void deliver(byte[] bytes) {
		try {
			if (bytes.length == 0) {
				this.target.shutdownOutput();
			}
			else {
				this.target.getOutputStream().write(bytes);
			}
		}
		catch (IOException ex) {
			if (!this.target.isClosed()) {
				this.connection.close();
			}
		}
	}

	private static void parkUntil(long dueNanos) throws InterruptedException {
		for (long left = dueNanos - System.nanoTime(); left > 0; left = dueNanos - System.nanoTime()) {
			if (Thread.interrupted()) {
				throw new InterruptedException();
			}
			if (left > SPIN_NANOS) {
				LockSupport.parkNanos(left - SPIN_NANOS);
			}
			else {
				Thread.onSpinWait();
			}
		}
	}

	private record Parcel(byte[] bytes, long dueNanos) {
	}

}
