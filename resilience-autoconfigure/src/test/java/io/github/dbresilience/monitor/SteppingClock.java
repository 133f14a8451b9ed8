// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.monitor;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;

/**
 * A clock that a test moves on.
 */
final class SteppingClock extends Clock {

	private Instant now = Instant.parse("2026-01-31T12:00:00Z");

	void step(Duration step) {
		this.now = this.now.plus(step);
	}

	@Override
	public Instant instant() {
		return this.now;
	}

	@Override
	public ZoneId getZone() {
		return ZoneOffset.UTC;
	}

	@Override
	public Clock withZone(ZoneId zone) {
		return this;
	}

}
