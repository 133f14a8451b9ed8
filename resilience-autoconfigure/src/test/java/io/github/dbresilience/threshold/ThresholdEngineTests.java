// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.threshold;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

import io.github.dbresilience.alert.AlertEvent;
import io.github.dbresilience.alert.AlertEvent.Status;
import io.github.dbresilience.alert.AlertSeverity;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Every threshold of the table fires after its time, gets worse, is over, and does not
 * flap; none fires where all is well.
 */
class ThresholdEngineTests {

	private static final Instant START = Instant.parse("2026-01-31T02:00:00Z");

	/** A sample is up to 30 s old. */
	private static final Duration SAMPLE = Duration.ofSeconds(31);

	private final Map<ThresholdKind, ThresholdSettings> settings = Trouble.settings();

	private final Play play = new Play(START, this.settings);

	static Stream<ThresholdKind> kindsWithBothSeverities() {
		return Stream.of(ThresholdKind.values())
			.filter((kind) -> Trouble.settings().get(kind).warning() != null
					&& Trouble.settings().get(kind).critical() != null);
	}

	@ParameterizedTest
	@EnumSource
	void aThresholdFiresOnceAfterItsTimeAndNotBefore(ThresholdKind kind) {
		ThresholdSettings own = this.settings.get(kind);
		assertThat(this.play.during(Duration.ofSeconds(45))).isEmpty();
		Trouble.begin(kind, this.play.scene);
		if (!own.forAtLeast().isZero()) {
			assertThat(this.play.during(own.forAtLeast())).isEmpty();
		}
		List<AlertEvent> events = this.play.during(SAMPLE);
		assertThat(events).hasSize(1);
		AlertEvent event = events.get(0);
		assertThat(event.name()).isEqualTo(kind.id());
		assertThat(event.status()).isEqualTo(Status.FIRING);
		assertThat(event.severity())
			.isEqualTo((own.warning() != null) ? AlertSeverity.WARNING : AlertSeverity.CRITICAL);
		assertThat(event.dataSource()).isEqualTo("dataSource");
		assertThat(event.labels()).isEqualTo(Map.of("application", "shop", "instance", "host1:8080"));
		assertThat(event.startsAt()).isBetween(START.plusSeconds(45), START.plusSeconds(45).plus(SAMPLE));
		assertThat(event.endsAt()).isNull();
		assertThat(event.summary()).isNotBlank().doesNotContain("%1", "%2", "%%", "null");
		assertThat(this.play.during(Duration.ofMinutes(4))).isEmpty();
	}

	@ParameterizedTest
	@EnumSource
	void aThresholdIsOverOnceTheValueHasBeenBackForItsTime(ThresholdKind kind) {
		AlertEvent firing = begin(kind);
		this.play.scene = Trouble.end(this.play.scene);
		assertThat(this.play.during(this.settings.get(kind).resolveAfter())).isEmpty();
		List<AlertEvent> events = this.play.during(Duration.ofMinutes(6));
		assertThat(events).hasSize(1);
		AlertEvent over = events.get(0);
		assertThat(over.status()).isEqualTo(Status.RESOLVED);
		assertThat(over.severity()).isEqualTo(firing.severity());
		assertThat(over.fingerprint()).isEqualTo(firing.fingerprint());
		assertThat(over.startsAt()).isEqualTo(firing.startsAt());
		assertThat(over.endsAt()).isAfter(over.startsAt());
		assertThat(over.labels()).isEqualTo(firing.labels());
		assertThat(this.play.during(Duration.ofMinutes(2))).isEmpty();
	}

	@ParameterizedTest
	@MethodSource("kindsWithBothSeverities")
	void aThresholdGetsWorseAndBetterAsTheSameAlert(ThresholdKind kind) {
		AlertEvent firing = begin(kind);
		Trouble.worsen(kind, this.play.scene);
		List<AlertEvent> worse = this.play.during(this.settings.get(kind).forAtLeast().plus(SAMPLE));
		assertThat(worse).hasSize(1);
		assertThat(worse.get(0).severity()).isEqualTo(AlertSeverity.CRITICAL);
		assertThat(worse.get(0).status()).isEqualTo(Status.FIRING);
		assertThat(worse.get(0).fingerprint()).isEqualTo(firing.fingerprint());
		assertThat(worse.get(0).startsAt()).isEqualTo(firing.startsAt());
		Trouble.begin(kind, this.play.scene);
		List<AlertEvent> better = this.play.during(Duration.ofMinutes(3));
		assertThat(better).hasSize(1);
		assertThat(better.get(0).severity()).isEqualTo(AlertSeverity.WARNING);
		assertThat(better.get(0).status()).isEqualTo(Status.FIRING);
		this.play.scene = Trouble.end(this.play.scene);
		assertThat(this.play.during(Duration.ofMinutes(3))).hasSize(1)
			.allMatch((event) -> event.status() == Status.RESOLVED && event.severity() == AlertSeverity.WARNING);
	}

	@ParameterizedTest
	@MethodSource("kindsWithBothSeverities")
	void whatIsCriticalAtOnceIsToldOnceAndIsOverOnce(ThresholdKind kind) {
		Trouble.worsen(kind, this.play.scene);
		assertThat(this.play.during(Duration.ofMinutes(3))).hasSize(1)
			.allMatch((event) -> event.severity() == AlertSeverity.CRITICAL);
		this.play.scene = Trouble.end(this.play.scene);
		assertThat(this.play.during(Duration.ofMinutes(3))).hasSize(1)
			.allMatch((event) -> event.severity() == AlertSeverity.CRITICAL && event.status() == Status.RESOLVED);
	}

	@ParameterizedTest
	@EnumSource
	void aValueThatJumpsUpAndDownMakesOneAlertAtMost(ThresholdKind kind) {
		List<AlertEvent> events = new ArrayList<>();
		for (int i = 0; i < 300; i++) {
			if (i % 2 == 0) {
				Trouble.begin(kind, this.play.scene);
			}
			else {
				this.play.scene = Trouble.end(this.play.scene);
			}
			this.play.scene.sampledAt = this.play.clock.instant();
			events.addAll(this.play.during(Duration.ofSeconds(2)));
		}
		boolean atOnce = this.settings.get(kind).forAtLeast().isZero();
		assertThat(events).hasSize(atOnce ? 1 : 0);
	}

	@Test
	void aValueJustBelowItsLimitIsNotBackYet() {
		begin(ThresholdKind.PING_LATENCY);
		this.play.scene.ping = Duration.ofMillis(460);
		assertThat(this.play.during(Duration.ofMinutes(10))).isEmpty();
		this.play.scene.ping = Duration.ofMillis(440);
		assertThat(this.play.during(Duration.ofMinutes(2))).hasSize(1)
			.allMatch((event) -> event.status() == Status.RESOLVED && "440 ms".equals(event.value()));
	}

	@Test
	void oneSlowSampleIsNoAlertHoweverLongItIsLookedAt() {
		this.play.scene.query = Duration.ofSeconds(2);
		this.play.scene.sampledAt = START;
		assertThat(this.play.during(Duration.ofMinutes(10))).isEmpty();
		this.play.scene.sampledAt = null;
		assertThat(this.play.during(Duration.ofMinutes(1))).hasSize(1);
	}

	@Test
	void aMachineThatSleptStartsWaitingAnew() {
		Trouble.begin(ThresholdKind.DATABASE_UNREACHABLE, this.play.scene);
		assertThat(this.play.during(Duration.ofSeconds(5))).isEmpty();
		this.play.clock.advance(Duration.ofHours(1));
		assertThat(this.play.during(Duration.ofSeconds(10))).isEmpty();
		assertThat(this.play.during(Duration.ofSeconds(2))).hasSize(1);
	}

	@Test
	void nothingFiresUnderFullLoadAtRestDuringTheStartAndWithoutReadings() {
		List<Scene> scenes = List.of(Scene.starting(), new Scene(), Scene.atRest(), Scene.withoutReadings());
		for (Scene scene : scenes) {
			Play own = new Play(START, this.settings);
			own.scene = scene;
			assertThat(own.during(Duration.ofHours(1))).isEmpty();
		}
		for (Scene scene : scenes) {
			this.play.scene = scene;
			assertThat(this.play.during(Duration.ofMinutes(10))).isEmpty();
		}
	}

	@Test
	void aFingerprintIsTheSameAfterARestartAndOfItsOwnForEachAlert() {
		Map<String, String> fingerprints = new TreeMap<>();
		for (ThresholdKind kind : ThresholdKind.values()) {
			for (String dataSource : List.of("orders", "customers")) {
				for (String instance : List.of("one", "two")) {
					String fingerprint = new AlertSource("shop", instance).fingerprint(kind.id(), dataSource);
					assertThat(new AlertSource("shop", instance).fingerprint(kind.id(), dataSource))
						.isEqualTo(fingerprint)
						.matches("[0-9a-f]{32}");
					assertThat(fingerprints.put(fingerprint, kind + dataSource + instance)).isNull();
				}
			}
		}
		assertThat(new AlertSource("shop", "one").fingerprint("ping-latency", "orders"))
			.isEqualTo("12b132b91aa9e57ab94e9f55122e4e35");
	}

	@Test
	void eachDataSourceIsWatchedByItselfAndByItsOwnSettings() {
		Map<ThresholdKind, ThresholdSettings> off = new EnumMap<>(this.settings);
		off.put(ThresholdKind.DATABASE_UNREACHABLE, ThresholdSettings.of(ThresholdKind.DATABASE_UNREACHABLE,
				new ThresholdProperties(false, null, null, null, null), (last) -> last));
		ThresholdEngine engine = new ThresholdEngine((name) -> name.equals("quiet") ? off : this.settings,
				new AlertSource("", ""), this.play.clock);
		Scene scene = new Scene();
		Trouble.begin(ThresholdKind.DATABASE_UNREACHABLE, scene);
		List<AlertEvent> events = new ArrayList<>();
		for (int i = 0; i < 60; i++) {
			this.play.clock.advance(Duration.ofSeconds(1));
			for (String name : List.of("orders", "quiet", "customers")) {
				scene.dataSource = name;
				events.addAll(engine.look(scene.at(this.play.clock.instant())));
			}
		}
		assertThat(events).extracting(AlertEvent::dataSource).containsExactly("orders", "customers");
		assertThat(events).extracting(AlertEvent::labels).containsOnly(Map.of());
	}

	private AlertEvent begin(ThresholdKind kind) {
		Trouble.begin(kind, this.play.scene);
		List<AlertEvent> events = this.play.during(this.settings.get(kind).forAtLeast().plus(SAMPLE));
		assertThat(events).hasSize(1);
		return events.get(0);
	}

}
