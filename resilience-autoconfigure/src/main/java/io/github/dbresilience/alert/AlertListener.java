// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.alert;

/**
 * Is told of alerts. Every bean of this type is; so is every {@code @EventListener} for
 * {@link AlertEvent}. <b>A listener that throws or hangs hurts no other one</b>: each has
 * a bounded queue and a thread of its own, and is told in order.
 */
@FunctionalInterface
public interface AlertListener {

	/**
	 * Takes an event.
	 * @param event what began, changed or is over
	 */
	void onAlert(AlertEvent event);

}
