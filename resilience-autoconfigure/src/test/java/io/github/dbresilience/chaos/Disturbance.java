// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.chaos;

import java.time.Duration;

/**
 * A fault that was done. Times are those of the operations.
 *
 * @param fault its name
 * @param from when it hit
 * @param until when it was over
 */
record Disturbance(String fault, Duration from, Duration until) {

	/** Whether it may have to do with an operation. */
	boolean touches(Operation operation) {
		return this.from.compareTo(operation.completed()) <= 0 && this.until.compareTo(operation.invoked()) >= 0;
	}

	@Override
	public String toString() {
		return this.fault + " " + this.from.toMillis() + ".." + this.until.toMillis() + " ms";
	}

}
