// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.monitor;

import java.time.Duration;

/**
 * What an operator may ask of the monitor of one data source. Thread-safe.
 */
public interface MonitorControl {

	/**
	 * Replaces the connections of the pool, each as soon as it is idle: no work is
	 * interrupted. Returns at once.
	 * @param reason why, in words for the log and the recent events
	 * @throws IllegalStateException if there is no pool yet; the message is for a person
	 */
	void recycle(String reason);

	/**
	 * Looks at every server now, and waits until that is done or the time is over; the
	 * regular probes go on either way. Nothing is thrown for a database that is away.
	 * @param maxWait how long to wait at most
	 * @return what is known then
	 * @throws IllegalStateException if the monitor does not run; the message is for a
	 * person
	 */
	Snapshot probeNow(Duration maxWait);

	/**
	 * Forgets the highest timeline that was seen, so that a server that was kept from us
	 * as a stale primary is judged anew by the next probe. Does nothing if there is
	 * nothing to forget.
	 */
	void resetFence();

}
