// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.alert;

import java.util.Objects;

import org.jspecify.annotations.Nullable;

/**
 * A token, or a URL that contains one. It does not show itself in logs, exceptions and
 * actuator endpoints. Immutable.
 */
public final class Secret {

	private static final String HIDDEN = "******";

	private final String value;

	private Secret(String value) {
		this.value = value;
	}

	/**
	 * Hides a value. Spring Boot's binder uses this.
	 * @param value the value
	 * @return the hidden value
	 */
	public static Secret valueOf(String value) {
		return new Secret(value.strip());
	}

	/** What is hidden: for the one who sends it, and nobody else. */
	String reveal() {
		return this.value;
	}

	boolean isEmpty() {
		return this.value.isEmpty();
	}

	/** Takes the value out of a text that others may read. */
	String redact(String text) {
		return isEmpty() ? text : text.replace(this.value, HIDDEN);
	}

	@Override
	public boolean equals(@Nullable Object other) {
		return other instanceof Secret secret && this.value.equals(secret.value);
	}

	@Override
	public int hashCode() {
		return Objects.hash(this.value);
	}

	@Override
	public String toString() {
		return HIDDEN;
	}

}
