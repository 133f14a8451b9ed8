// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.testing;

import java.util.function.BooleanSupplier;

/**
 * A gate that threads pass while it is open and wait at while it is closed. Thread-safe.
 */
final class Gate {

	private volatile boolean open = true;

	boolean isOpen() {
		return this.open;
	}

	synchronized void open() {
		this.open = true;
		notifyAll();
	}

	void close() {
		this.open = false;
	}

	/** Lets those who wait look whether they still want to. */
	synchronized void knock() {
		notifyAll();
	}

	/**
	 * Waits until the gate is open.
	 * @param abandoned whether the caller does not want to pass any more
	 * @throws InterruptedException if interrupted while waiting
	 */
	void pass(BooleanSupplier abandoned) throws InterruptedException {
		if (this.open) {
			return;
		}
		synchronized (this) {
			while (!this.open && !abandoned.getAsBoolean()) {
				wait();
			}
		}
	}

}
