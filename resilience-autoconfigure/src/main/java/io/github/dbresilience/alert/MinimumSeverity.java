// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.alert;

import java.time.Clock;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Keeps what is not bad enough from a listener. An alert that gets better than that is
 * resolved for it. Used by the one thread of its channel.
 */
final class MinimumSeverity implements Sink {

	private final Sink listener;

	private final AlertSeverity least;

	private final Clock clock;

	private final Set<String> told = new HashSet<>();

	MinimumSeverity(Sink listener, AlertSeverity least, Clock clock) {
		this.listener = listener;
		this.least = least;
		this.clock = clock;
	}

	@Override
	public void onAlert(AlertEvent event) {
		if (event.status() == AlertEvent.Status.FIRING && isBadEnough(event)) {
			this.told.add(event.fingerprint());
			this.listener.onAlert(event);
		}
		else if (this.told.remove(event.fingerprint())) {
			this.listener.onAlert((event.status() == AlertEvent.Status.RESOLVED) ? event : resolved(event));
		}
	}

	private boolean isBadEnough(AlertEvent event) {
		return event.severity().compareTo(this.least) >= 0;
	}

	private AlertEvent resolved(AlertEvent event) {
		return new AlertEvent(event.name(), this.least, AlertEvent.Status.RESOLVED, event.dataSource(),
				event.fingerprint(), event.summary(), event.labels(), event.value(), event.startsAt(),
				this.clock.instant());
	}

	@Override
	public void onStillFiring(List<AlertEvent> firing) {
		List<AlertEvent> badEnough = firing.stream().filter(this::isBadEnough).toList();
		if (!badEnough.isEmpty()) {
			badEnough.forEach((event) -> this.told.add(event.fingerprint()));
			this.listener.onStillFiring(badEnough);
		}
	}

}
