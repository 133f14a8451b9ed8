// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.sample.database;

import java.io.Serial;

import org.jspecify.annotations.Nullable;

/**
 * The application cannot start because of how its database is set up.
 */
class DatabaseSetupException extends RuntimeException {

	@Serial
	private static final long serialVersionUID = 1L;

	private final String action;

	/**
	 * Creates the exception.
	 * @param message what is wrong, for a person, without credentials
	 * @param action what to do about it
	 * @param cause the cause, if any
	 */
	DatabaseSetupException(String message, String action, @Nullable Throwable cause) {
		super(message, cause);
		this.action = action;
	}

	DatabaseSetupException(String message, String action) {
		this(message, action, null);
	}

	String action() {
		return this.action;
	}

}
