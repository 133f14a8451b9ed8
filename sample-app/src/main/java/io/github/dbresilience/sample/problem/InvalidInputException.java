// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.sample.problem;

import java.io.Serial;

/**
 * Input that is wrong in a way that only the whole request tells.
 */
public class InvalidInputException extends RuntimeException {

	@Serial
	private static final long serialVersionUID = 1L;

	private final String field;

	/**
	 * Creates the exception.
	 * @param field the field that is best changed
	 * @param message what it has to be, without the field's name
	 */
	public InvalidInputException(String field, String message) {
		super(message);
		this.field = field;
	}

	InvalidField invalidField() {
		return new InvalidField(this.field, String.valueOf(getMessage()));
	}

}
