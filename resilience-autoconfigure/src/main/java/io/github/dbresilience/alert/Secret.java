// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.alert;

import org.jspecify.annotations.Nullable;

/**
 * A token, or a URL that contains one. It does not show itself in logs, exceptions and
 * actuator endpoints. Immutable. It is abstract so that the binder makes it of a text and
 * not of properties.
 */
public abstract sealed class Secret {

	private static final String HIDDEN = "******";

	private Secret() {
	}

	/**
	 * Hides a value. Spring Boot's binder uses this.
	 * @param value the value
	 * @return the hidden value
	 */
	public static Secret valueOf(String value) {
		return new Hidden(value.strip());
	}

	/** What is hidden: for the one who sends it, and nobody else. */
	abstract String reveal();

	/** Not named like a property, for the binder. */
	boolean empty() {
		return reveal().isEmpty();
	}

	/** Takes the value out of a text that others may read. */
	String redact(String text) {
		return empty() ? text : text.replace(reveal(), HIDDEN);
	}

	@Override
	public boolean equals(@Nullable Object other) {
		return other instanceof Secret secret && reveal().equals(secret.reveal());
	}

	@Override
	public int hashCode() {
		return reveal().hashCode();
	}

	@Override
	public String toString() {
		return HIDDEN;
	}

	private static final class Hidden extends Secret {

		private final String value;

		private Hidden(String value) {
			this.value = value;
		}

		@Override
		String reveal() {
			return this.value;
		}

	}

}
