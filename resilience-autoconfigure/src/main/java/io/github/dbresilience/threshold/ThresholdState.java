// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.threshold;

import java.time.Instant;
import java.util.Objects;

import io.github.dbresilience.alert.AlertEvent;
import io.github.dbresilience.alert.AlertEvent.Status;
import io.github.dbresilience.alert.AlertSeverity;
import org.jspecify.annotations.Nullable;

/**
 * A threshold of one data source, and whether it is passed. Not thread-safe.
 */
final class ThresholdState {

	private final ThresholdKind kind;

	private final String dataSource;

	private final AlertSource source;

	private final @Nullable LimitWatch warning;

	private final @Nullable LimitWatch critical;

	private @Nullable AlertEvent firing;

	ThresholdState(ThresholdKind kind, String dataSource, AlertSource source, ThresholdSettings settings) {
		this.kind = kind;
		this.dataSource = dataSource;
		this.source = source;
		this.warning = watch(settings.warning(), settings);
		this.critical = watch(settings.critical(), settings);
	}

	private static @Nullable LimitWatch watch(@Nullable Double limit, ThresholdSettings settings) {
		return (limit != null) ? new LimitWatch(limit, settings.forAtLeast(), settings.resolveAfter()) : null;
	}

	/**
	 * Looks again.
	 * @return what has changed, {@code null} if nothing has
	 */
	@Nullable AlertEvent look(Look look, Instant now) {
		Reading reading = this.kind.read(look);
		if (this.warning != null) {
			this.warning.look(reading, now);
		}
		if (this.critical != null) {
			this.critical.look(reading, now);
		}
		AlertSeverity severity = severity();
		AlertEvent before = this.firing;
		if (severity == null) {
			this.firing = null;
			return (before != null) ? resolved(before, reading, now) : null;
		}
		if (before != null && before.severity() == severity) {
			return null;
		}
		AlertEvent event = firing(severity, before, reading, now);
		this.firing = event;
		return event;
	}

	void restart() {
		if (this.warning != null) {
			this.warning.restart();
		}
		if (this.critical != null) {
			this.critical.restart();
		}
	}

	private @Nullable AlertSeverity severity() {
		if (this.critical != null && this.critical.isPassed()) {
			return AlertSeverity.CRITICAL;
		}
		return (this.warning != null && this.warning.isPassed()) ? AlertSeverity.WARNING : null;
	}

	private AlertEvent firing(AlertSeverity severity, @Nullable AlertEvent before, @Nullable Reading reading,
			Instant now) {
		Instant startsAt = (before != null) ? before.startsAt() : began(now);
		String summary = (reading != null) ? this.kind.summary(reading)
				: Objects.requireNonNull(before, "nothing was read").summary();
		return event(severity, Status.FIRING, summary, reading, startsAt, null);
	}

	private AlertEvent resolved(AlertEvent before, @Nullable Reading reading, Instant now) {
		return event(before.severity(), Status.RESOLVED, before.summary(), reading, before.startsAt(), now);
	}

	private AlertEvent event(AlertSeverity severity, Status status, String summary, @Nullable Reading reading,
			Instant startsAt, @Nullable Instant endsAt) {
		boolean measured = reading != null && this.kind.unit() != ThresholdUnit.CONDITION
				&& !Double.isInfinite(reading.value());
		return new AlertEvent(this.kind.id(), severity, status, this.dataSource,
				this.source.fingerprint(this.kind.id(), this.dataSource), summary, this.source.labels(),
				(measured && reading != null) ? this.kind.unit().tell(reading.value()) : null, startsAt, endsAt);
	}

	private Instant began(Instant now) {
		Instant began = now;
		for (LimitWatch watch : new LimitWatch[] { this.warning, this.critical }) {
			if (watch != null && watch.aboveSince() != null && watch.aboveSince().isBefore(began)) {
				began = watch.aboveSince();
			}
		}
		return began;
	}

}
