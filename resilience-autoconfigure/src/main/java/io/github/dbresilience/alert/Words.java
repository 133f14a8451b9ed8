// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.alert;

import java.util.Locale;

/**
 * How constants and texts are written for others.
 */
final class Words {

	private Words() {
	}

	static String of(Enum<?> constant) {
		return constant.name().toLowerCase(Locale.ROOT);
	}

	/** Shortens a text without cutting a character in two. */
	static String atMost(int length, String text) {
		if (text.length() <= length) {
			return text;
		}
		int end = length - 1;
		return text.substring(0, Character.isHighSurrogate(text.charAt(end - 1)) ? end - 1 : end) + "…";
	}

}
