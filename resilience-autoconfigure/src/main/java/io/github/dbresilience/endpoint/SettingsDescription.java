// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.endpoint;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;

/**
 * The values of a settings record by the names that properties have. A text that may be a
 * secret is not shown.
 */
final class SettingsDescription {

	private static final Pattern SECRET = Pattern
		.compile(".*(password|secret|token|key|credential|authorization|header|url|uri|webhook).*");

	private static final String HIDDEN = "******";

	private SettingsDescription() {
	}

	/**
	 * Describes settings.
	 * @param settings a record; records in it are described likewise
	 * @return the values in the order of the components; what is not set is missing
	 */
	static Map<String, Object> of(Record settings) {
		Map<String, Object> values = new LinkedHashMap<>();
		for (RecordComponent component : settings.getClass().getRecordComponents()) {
			String name = dashed(component.getName());
			Object value = value(name, read(settings, component));
			if (value != null) {
				values.put(name, value);
			}
		}
		return values;
	}

	private static @Nullable Object value(String name, @Nullable Object value) {
		if (value == null || value instanceof Number || value instanceof Boolean) {
			return value;
		}
		if (value instanceof Record settings) {
			return of(settings);
		}
		if (value instanceof Map<?, ?> map) {
			Map<String, Object> values = new LinkedHashMap<>();
			map.forEach((key, entry) -> {
				Object described = value(dashed(String.valueOf(key)), entry);
				if (described != null) {
					values.put(String.valueOf(key), described);
				}
			});
			return values;
		}
		if (value instanceof Enum<?> constant) {
			return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
		}
		if (value instanceof Duration duration) {
			return text(duration);
		}
		return SECRET.matcher(name).matches() ? HIDDEN : value.toString();
	}

	private static @Nullable Object read(Record settings, RecordComponent component) {
		try {
			component.getAccessor().setAccessible(true);
			return component.getAccessor().invoke(settings);
		}
		catch (IllegalAccessException | InvocationTargetException ex) {
			throw new IllegalStateException("Cannot read " + component, ex);
		}
	}

	private static String dashed(String name) {
		return name.replaceAll("([a-z0-9])([A-Z])", "$1-$2").toLowerCase(Locale.ROOT);
	}

	private static String text(Duration duration) {
		return (duration.toMillis() % 1000 != 0) ? duration.toMillis() + "ms" : duration.toSeconds() + "s";
	}

}
