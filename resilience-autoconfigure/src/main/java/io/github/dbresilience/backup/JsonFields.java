// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.backup;

import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Map;

import org.jspecify.annotations.Nullable;

/**
 * The fields of a JSON object by name and type. A field that is {@code null} is as good
 * as absent; one of another type is refused by its path.
 *
 * @param path where the object is in the document, with a dot at its end; empty for the
 * document itself
 * @param fields its fields
 * @param latest no moment may be later
 */
record JsonFields(String path, Map<?, ?> fields, Instant latest) {

	private static final int MAX_TEXT = 500;

	private static final BigDecimal MAX_SECONDS = BigDecimal.valueOf(Duration.ofDays(3650).toSeconds());

	@Nullable String text(String name) {
		Object value = this.fields.get(name);
		if (value == null) {
			return null;
		}
		if (!(value instanceof String text)) {
			throw unusable(name, "is not a string");
		}
		String line = text.codePoints()
			.limit(MAX_TEXT)
			.map((c) -> Character.isISOControl(c) ? ' ' : c)
			.collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
			.toString()
			.strip();
		return line.isEmpty() ? null : line;
	}

	String requiredText(String name) {
		String text = text(name);
		if (text == null) {
			throw unusable(name, "is missing");
		}
		return text;
	}

	@Nullable Instant instant(String name) {
		String text = text(name);
		if (text == null) {
			return null;
		}
		Instant instant;
		try {
			instant = OffsetDateTime.parse(text).toInstant();
		}
		catch (DateTimeException ex) {
			throw unusable(name, "is not a time like 2026-01-31T02:00:41Z");
		}
		if (instant.isBefore(Instant.EPOCH)) {
			throw unusable(name, "is before 1970");
		}
		if (instant.isAfter(this.latest)) {
			throw unusable(name, "is in the future: compare the clocks of the two machines");
		}
		return instant;
	}

	@Nullable Long count(String name) {
		BigDecimal number = number(name);
		try {
			return (number != null) ? number.longValueExact() : null;
		}
		catch (ArithmeticException ex) {
			throw unusable(name, "is not a whole number, or too large");
		}
	}

	@Nullable Duration seconds(String name) {
		BigDecimal number = number(name);
		if (number == null) {
			return null;
		}
		if (number.compareTo(MAX_SECONDS) > 0) {
			throw unusable(name, "is more than ten years");
		}
		return Duration.ofNanos(number.movePointRight(9).longValue());
	}

	private @Nullable BigDecimal number(String name) {
		Object value = this.fields.get(name);
		if (value == null) {
			return null;
		}
		if (!(value instanceof BigDecimal number)) {
			throw unusable(name, "is not a number");
		}
		if (number.signum() < 0) {
			throw unusable(name, "is negative");
		}
		return number;
	}

	List<?> list(String name) {
		if (!(this.fields.get(name) instanceof List<?> list)) {
			throw unusable(name, "is missing or not a list");
		}
		return list;
	}

	UnusableStatusException unusable(String name, String what) {
		return new UnusableStatusException("its field " + this.path + name + " " + what);
	}

}
