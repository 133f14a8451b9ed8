// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.autoconfigure;

import java.util.List;
import java.util.function.Supplier;

import io.github.dbresilience.alert.AlertEvent;
import io.github.dbresilience.alert.Alerts;

import org.springframework.beans.factory.ObjectProvider;

/**
 * The alerts that fire now, for whoever shows them; none where alerts are switched off.
 */
final class FiringAlerts {

	private FiringAlerts() {
	}

	static Supplier<List<AlertEvent>> of(ObjectProvider<Alerts> alerts) {
		Alerts present = alerts.getIfAvailable();
		return (present != null) ? present::active : List::of;
	}

}
