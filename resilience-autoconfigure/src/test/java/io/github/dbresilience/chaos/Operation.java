// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.chaos;

import java.time.Duration;
import java.util.Objects;

import org.jspecify.annotations.Nullable;

/**
 * An operation that has ended. Times are monotonic and since the start of the run.
 *
 * @param process the caller, who does one thing after the other
 * @param invoked when it was asked for
 * @param completed when the caller was answered
 * @param action what was asked for, with what was read
 * @param outcome what the caller was told
 * @param error the exception in short
 */
record Operation(String process, Duration invoked, Duration completed, Action action, Outcome outcome,
		@Nullable String error) {

	boolean isRunningAt(Duration time) {
		return this.invoked.compareTo(time) <= 0 && this.completed.compareTo(time) >= 0;
	}

	boolean isBegunWithin(Duration from, Duration until) {
		return this.invoked.compareTo(from) > 0 && this.invoked.compareTo(until) <= 0;
	}

	/** Without what was read: lists are long. */
	@Override
	public int hashCode() {
		return Objects.hash(this.process, this.invoked);
	}

	@Override
	public String toString() {
		return "%s %d..%d ms %s %s%s".formatted(this.process, this.invoked.toMillis(), this.completed.toMillis(),
				this.outcome, this.action, (this.error != null) ? " (" + this.error + ")" : "");
	}

}
