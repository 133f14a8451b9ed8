// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.monitor;

import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * For how long a server has answered nobody. Used by one thread.
 */
final class Silence {

	private final LongSupplier signsOfLife;

	private long since;

	private long signsBefore;

	private boolean broken = true;

	private boolean heardBefore;

	/**
	 * Creates an instance that begins with sound.
	 * @param signsOfLife counts what the application got done
	 */
	Silence(LongSupplier signsOfLife) {
		this.signsOfLife = signsOfLife;
	}

	/**
	 * Takes note of a probe.
	 * @param startedAt the {@code nanoTime} when it began
	 * @param result what it found
	 */
	void noted(long startedAt, ProbeResult result) {
		if (!result.isSilent()) {
			this.broken = true;
			return;
		}
		if (this.broken) {
			this.broken = false;
			this.since = startedAt;
			this.signsBefore = this.signsOfLife.getAsLong();
			// Only the connection that was there tells how those in use fare
			this.heardBefore = result.established() == Answer.SILENCE;
		}
	}

	/**
	 * Whether what is under way can be given up.
	 * @param now the {@code nanoTime}
	 * @param limit how long silence has to last
	 */
	boolean isOver(long now, Duration limit) {
		return !this.broken && now - this.since >= limit.toNanos()
				&& (this.heardBefore || this.signsOfLife.getAsLong() == this.signsBefore);
	}

	Duration length(long now) {
		return this.broken ? Duration.ZERO : Duration.ofNanos(now - this.since);
	}

}
