// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.alert;

import java.time.Clock;
import java.util.ArrayList;
import java.util.List;

import org.junit.jupiter.api.Test;

import static io.github.dbresilience.alert.AlertSeverity.CRITICAL;
import static io.github.dbresilience.alert.AlertSeverity.WARNING;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * A sink that is told of critical alerts only.
 */
class MinimumSeverityTests {

	private final List<AlertEvent> told = new ArrayList<>();

	private final List<List<AlertEvent>> repeated = new ArrayList<>();

	private final MinimumSeverity critical = new MinimumSeverity(new Sink() {
		@Override
		public void onAlert(AlertEvent event) {
			MinimumSeverityTests.this.told.add(event);
		}

		@Override
		public void onStillFiring(List<AlertEvent> firing) {
			MinimumSeverityTests.this.repeated.add(firing);
		}
	}, CRITICAL, Clock.systemUTC());

	@Test
	void aWarningAndItsEndAreNotTold() {
		this.critical.onAlert(Events.firing("one", WARNING));
		this.critical.onAlert(Events.resolved("one", WARNING));
		assertThat(this.told).isEmpty();
	}

	@Test
	void aWarningThatGetsWorseIsTold() {
		AlertEvent worse = Events.firing("one", CRITICAL);
		AlertEvent over = Events.resolved("one", CRITICAL);
		this.critical.onAlert(Events.firing("one", WARNING));
		this.critical.onAlert(worse);
		this.critical.onAlert(over);
		assertThat(this.told).containsExactly(worse, over);
	}

	@Test
	void anAlertThatGetsBetterIsOverAndOnlyOnce() {
		this.critical.onAlert(Events.firing("one", CRITICAL));
		this.critical.onAlert(Events.firing("one", WARNING));
		this.critical.onAlert(Events.resolved("one", WARNING));
		assertThat(this.told).hasSize(2);
		assertThat(this.told.get(1).status()).isEqualTo(AlertEvent.Status.RESOLVED);
		assertThat(this.told.get(1).severity()).isEqualTo(CRITICAL);
		assertThat(this.told.get(1).endsAt()).isNotNull();
	}

	@Test
	void onlyWhatIsBadEnoughIsToldAgain() {
		AlertEvent bad = Events.firing("two", CRITICAL);
		this.critical.onStillFiring(List.of(Events.firing("one", WARNING)));
		this.critical.onStillFiring(List.of(Events.firing("one", WARNING), bad));
		assertThat(this.repeated).containsExactly(List.of(bad));
	}

}
