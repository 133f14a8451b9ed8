// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.metrics;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.TimeGauge;
import org.jspecify.annotations.Nullable;

/**
 * Registers meters {@code db.resilience.*} with tags that all of them have. A registry
 * holds the objects they read weakly; a value must not refer to one in another way.
 */
record Meters(MeterRegistry registry, Tags tags) {

	private static final String PREFIX = "db.resilience.";

	Meters with(String key, String value) {
		return new Meters(this.registry, this.tags.and(key, value));
	}

	<T> void gauge(String name, String description, T source, ToDoubleFunction<T> value) {
		gauge(name, null, description, source, value);
	}

	<T> void bytes(String name, String description, T source, Function<T, @Nullable Number> value) {
		gauge(name, "bytes", description, source, (read) -> number(value.apply(read)));
	}

	private <T> void gauge(String name, @Nullable String unit, String description, T source,
			ToDoubleFunction<T> value) {
		Gauge.builder(PREFIX + name, source, value)
			.description(description)
			.baseUnit(unit)
			.tags(this.tags)
			.register(this.registry);
	}

	<T> void time(String name, String description, T source, Function<T, @Nullable Duration> value) {
		TimeGauge.builder(PREFIX + name, source, TimeUnit.SECONDS, (read) -> seconds(value.apply(read)))
			.description(description)
			.tags(this.tags)
			.register(this.registry);
	}

	<T> void counter(String name, String description, T source, ToDoubleFunction<T> value) {
		FunctionCounter.builder(PREFIX + name, source, value)
			.description(description)
			.tags(this.tags)
			.register(this.registry);
	}

	static double seconds(@Nullable Duration duration) {
		return (duration != null) ? duration.toNanos() / 1e9 : Double.NaN;
	}

	static double number(@Nullable Number number) {
		return (number != null) ? number.doubleValue() : Double.NaN;
	}

	static double flag(@Nullable Boolean flag) {
		if (flag == null) {
			return Double.NaN;
		}
		return flag ? 1 : 0;
	}

}
