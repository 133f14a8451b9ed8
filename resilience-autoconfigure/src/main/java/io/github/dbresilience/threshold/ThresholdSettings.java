// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.threshold;

import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.EnumMap;
import java.util.Map;
import java.util.function.UnaryOperator;

import io.github.dbresilience.alert.InvalidAlertSettingException;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.convert.DurationStyle;

/**
 * A threshold of one data source.
 *
 * @param enabled whether it is looked at
 * @param warning what has to be passed for a warning, {@code null} if nothing can be
 * @param critical what has to be passed to be critical, {@code null} if nothing can be
 * @param forAtLeast how long without a break
 * @param resolveAfter how long the value has to be back
 */
public record ThresholdSettings(boolean enabled, @Nullable Double warning, @Nullable Double critical,
		Duration forAtLeast, Duration resolveAfter) {

	private static final Duration LONGEST = Duration.ofDays(7);

	/**
	 * The defaults of all thresholds.
	 * @return a new map
	 */
	public static Map<ThresholdKind, ThresholdSettings> defaults() {
		Map<ThresholdKind, ThresholdSettings> all = new EnumMap<>(ThresholdKind.class);
		for (ThresholdKind kind : ThresholdKind.values()) {
			all.put(kind, of(kind, ThresholdProperties.NONE, UnaryOperator.identity()));
		}
		return all;
	}

	/**
	 * Reads what is configured.
	 * @param kind the threshold
	 * @param properties what is configured
	 * @param property makes the whole name of a property of its last part
	 * @return the settings
	 * @throws InvalidAlertSettingException if a value cannot be read
	 */
	public static ThresholdSettings of(ThresholdKind kind, ThresholdProperties properties,
			UnaryOperator<String> property) {
		Double warning = limit(kind, properties.warning(), kind.warning(), property.apply("warning"));
		Double critical = limit(kind, properties.critical(), kind.critical(), property.apply("critical"));
		if (warning != null && critical != null && critical < warning) {
			if (properties.critical() == null) {
				// Who raises the warning above the default of the other means both
				critical = null;
			}
			else {
				throw new InvalidAlertSettingException(property.apply("critical"),
						"(" + properties.critical() + ") must not be below the warning ("
								+ ((properties.warning() != null) ? properties.warning() : kind.warning()) + ")");
			}
		}
		return new ThresholdSettings(properties.enabled() == null || properties.enabled(), warning, critical,
				duration(properties.forAtLeast(), kind.forAtLeast(), property.apply("for")),
				duration(properties.resolveAfter(), ThresholdKind.RESOLVE_AFTER.toString(),
						property.apply("resolve-after")));
	}

	private static @Nullable Double limit(ThresholdKind kind, @Nullable String text, String standard, String property) {
		String limit = (text != null) ? text.strip() : standard;
		if (limit.equalsIgnoreCase("off") || limit.equalsIgnoreCase("false")) {
			return null;
		}
		try {
			return kind.unit().read(limit);
		}
		catch (RuntimeException ex) {
			throw new InvalidAlertSettingException(property,
					"'" + limit + "' cannot be read. It is " + kind.unit().howToWrite());
		}
	}

	private static Duration duration(@Nullable String text, String standard, String property) {
		String written = (text != null) ? text.strip() : standard;
		try {
			Duration duration = DurationStyle.detectAndParse(written, ChronoUnit.SECONDS);
			if (!duration.isNegative() && duration.compareTo(LONGEST) <= 0 && !written.matches("\\+?[1-9]\\d*")) {
				return duration;
			}
		}
		catch (RuntimeException ex) {
			// Told below
		}
		throw new InvalidAlertSettingException(property,
				"'" + written + "' cannot be read. It is a time with its unit between 0s and 7d, for example 30s");
	}

}
