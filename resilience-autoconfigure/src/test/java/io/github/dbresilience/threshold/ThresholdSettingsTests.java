// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.threshold;

import java.time.Duration;

import io.github.dbresilience.alert.InvalidAlertSettingException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Limits as people write them.
 */
class ThresholdSettingsTests {

	@ParameterizedTest
	@EnumSource
	void theDefaultsCanBeRead(ThresholdKind kind) {
		ThresholdSettings settings = ThresholdSettings.defaults().get(kind);
		assertThat(settings.enabled()).isTrue();
		assertThat(settings.resolveAfter()).isEqualTo(Duration.ofMinutes(1));
	}

	@ParameterizedTest
	@CsvSource({ "PING_LATENCY,200ms,0.2", "PING_LATENCY,2s,2", "PING_LATENCY,PT0.5S,0.5",
			"REPLICATION_LAG,10MB,10485760", "CONNECTIONS,50%,50", "CONNECTIONS,50,50", "CONNECTIONS,62.5 %,62.5",
			"COMMITS_UNKNOWN,3,3", "READ_ONLY,on,0.5", "READ_ONLY,true,0.5" })
	void aLimitIsReadInTheUnitOfItsThreshold(ThresholdKind kind, String text, double limit) {
		assertThat(of(kind, new ThresholdProperties(null, text, null, null, null)).warning()).isEqualTo(limit);
	}

	@ParameterizedTest
	@CsvSource({ "PING_LATENCY,soon,for example 500ms", "PING_LATENCY,300,for example 500ms",
			"PING_LATENCY,-1s,for example 500ms", "REPLICATION_LAG,100,for example 100MB",
			"REPLICATION_LAG,-5MB,for example 100MB", "REPLICATION_LAG,1s,for example 100MB",
			"CONNECTIONS,0.75.1,for example 80%", "CONNECTIONS,120%,for example 80%", "CONNECTIONS,NaN,for example 80%",
			"CONNECTIONS,0,for example 80%", "COMMITS_UNKNOWN,-1,for example 5", "COMMITS_UNKNOWN,1.5,for example 5",
			"READ_ONLY,30s,on or off", "PING_LATENCY,'',for example 500ms" })
	void aLimitThatCannotBeReadIsRefusedWithTheNameAndAnExample(ThresholdKind kind, String text, String example) {
		assertThatExceptionOfType(InvalidAlertSettingException.class)
			.isThrownBy(() -> of(kind, new ThresholdProperties(null, null, text, null, null)))
			.withMessageStartingWith("x." + kind.id() + ".critical '" + text + "' cannot be read")
			.withMessageContaining(example);
	}

	@ParameterizedTest
	@CsvSource({ "30", "-5s", "8d", "soon", "''" })
	void aTimeThatCannotBeReadIsRefused(String text) {
		assertThatExceptionOfType(InvalidAlertSettingException.class)
			.isThrownBy(() -> of(ThresholdKind.READ_ONLY, new ThresholdProperties(null, null, null, text, null)))
			.withMessageStartingWith("x.read-only.for '" + text + "' cannot be read")
			.withMessageContaining("for example 30s");
		assertThatExceptionOfType(InvalidAlertSettingException.class)
			.isThrownBy(() -> of(ThresholdKind.READ_ONLY, new ThresholdProperties(null, null, null, null, text)))
			.withMessageStartingWith("x.read-only.resolve-after '" + text + "'");
	}

	@Test
	void aCriticalLimitBelowTheWarningIsRefused() {
		assertThatExceptionOfType(InvalidAlertSettingException.class)
			.isThrownBy(() -> of(ThresholdKind.PING_LATENCY, new ThresholdProperties(null, null, "100ms", null, null)))
			.withMessage("x.ping-latency.critical (100ms) must not be below the warning (500ms)");
	}

	@Test
	void aSeverityCanBeSwitchedOffOrChanged() {
		assertThat(of(ThresholdKind.PING_LATENCY, new ThresholdProperties(null, "off", "100ms", null, null)))
			.isEqualTo(new ThresholdSettings(true, null, 0.1, Duration.ofSeconds(30), Duration.ofMinutes(1)));
		assertThat(of(ThresholdKind.ARCHIVE_FAILING, new ThresholdProperties(null, "on", "off", "0s", "10s")))
			.isEqualTo(new ThresholdSettings(true, 0.5, null, Duration.ZERO, Duration.ofSeconds(10)));
		assertThat(of(ThresholdKind.ARCHIVE_FAILING, new ThresholdProperties(false, null, null, null, null)).enabled())
			.isFalse();
	}

	@Test
	void aWarningAboveTheDefaultOfTheCriticalLimitSwitchesThatOff() {
		assertThat(of(ThresholdKind.PING_LATENCY, new ThresholdProperties(null, "5s", null, null, null)).critical())
			.isNull();
	}

	private static ThresholdSettings of(ThresholdKind kind, ThresholdProperties properties) {
		return ThresholdSettings.of(kind, properties, (last) -> "x." + kind.id() + "." + last);
	}

}
