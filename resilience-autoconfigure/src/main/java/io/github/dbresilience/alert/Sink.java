// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.alert;

import java.util.List;

/**
 * Carries alerts out of the application. Throws where it could not; a
 * {@link DeliveryException} is logged without its stack trace.
 */
interface Sink extends AlertListener {

	/**
	 * Takes every minute what is still the matter.
	 * @param firing the alerts, never empty
	 */
	default void onStillFiring(List<AlertEvent> firing) {
	}

}
