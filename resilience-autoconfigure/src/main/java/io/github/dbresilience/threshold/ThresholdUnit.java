// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.threshold;

import java.time.Duration;
import java.util.Locale;

import org.springframework.boot.convert.DurationStyle;
import org.springframework.util.unit.DataSize;

/**
 * What a threshold is measured in: how its limit is written, and how a value is told to a
 * person.
 */
public enum ThresholdUnit {

	/** A time; counted in seconds. */
	DURATION("500ms", "a time with its unit") {

		@Override
		double read(String text) {
			// A number alone would be milliseconds, which nobody means who writes 300
			requireUnit(text);
			return seconds(DurationStyle.detectAndParse(text));
		}

		@Override
		String tell(double value) {
			if (value < 1) {
				return Math.round(value * 1000) + " ms";
			}
			if (value < 180) {
				return rounded(value) + " s";
			}
			if (value < 3 * 3600) {
				return rounded(value / 60) + " min";
			}
			return (value < 3 * 86_400) ? rounded(value / 3600) + " h" : rounded(value / 86_400) + " days";
		}

	},

	/** A number of bytes. */
	SIZE("100MB", "a size with its unit") {

		@Override
		double read(String text) {
			requireUnit(text);
			return DataSize.parse(text).toBytes();
		}

		@Override
		String tell(double value) {
			if (value < 1024 * 1024) {
				return rounded(value / 1024) + " KB";
			}
			return (value < 1024.0 * 1024 * 1024) ? rounded(value / 1024 / 1024) + " MB"
					: rounded(value / 1024 / 1024 / 1024) + " GB";
		}

	},

	/** A share, in hundredths. */
	PERCENT("80%", "a share of a hundred") {

		@Override
		double read(String text) {
			double share = Double.parseDouble(text.replaceFirst("\\s*%$", ""));
			if (!(share > 0 && share <= 100)) {
				throw new IllegalArgumentException("not above 0 and at most 100");
			}
			return share;
		}

		@Override
		String tell(double value) {
			return rounded(value) + " %";
		}

	},

	/** How many. */
	COUNT("5", "a whole number, 0 or more") {

		@Override
		double read(String text) {
			int count = Integer.parseInt(text);
			if (count < 0) {
				throw new IllegalArgumentException("negative");
			}
			return count;
		}

		@Override
		String tell(double value) {
			return String.valueOf(Math.round(value));
		}

	},

	/** Is the matter, or is not: there is nothing to measure. */
	CONDITION("on", "on or off: whether the condition raises an alert of this severity") {

		@Override
		double read(String text) {
			if (!text.equalsIgnoreCase("on") && !text.equalsIgnoreCase("true")) {
				throw new IllegalArgumentException("neither on nor off");
			}
			return HALF;
		}

		@Override
		String tell(double value) {
			return "";
		}

	};

	/** Between "is not" and "is". */
	private static final double HALF = 0.5;

	private final String example;

	private final String meaning;

	ThresholdUnit(String example, String meaning) {
		this.example = example;
		this.meaning = meaning;
	}

	/**
	 * What a limit looks like.
	 * @return for example {@code a time with its unit, for example 500ms}
	 */
	String howToWrite() {
		return this.meaning + ", for example " + this.example + ", or off";
	}

	/**
	 * Reads a limit.
	 * @throws IllegalArgumentException if that is none
	 */
	abstract double read(String text);

	/**
	 * Tells a value to a person.
	 * @param value what was measured
	 * @return the value with its unit, empty for a condition
	 */
	abstract String tell(double value);

	static double seconds(Duration duration) {
		return duration.getSeconds() + duration.getNano() / 1e9;
	}

	private static void requireUnit(String text) {
		if (text.matches("[+-]?\\d+")) {
			throw new IllegalArgumentException("no unit");
		}
		if (text.startsWith("-")) {
			throw new IllegalArgumentException("negative");
		}
	}

	private static String rounded(double value) {
		String text = String.format(Locale.ROOT, "%.1f", value);
		return text.endsWith(".0") ? text.substring(0, text.length() - 2) : text;
	}

}
