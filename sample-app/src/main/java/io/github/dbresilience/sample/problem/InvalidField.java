// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.sample.problem;

/**
 * One entry of the {@code errors} of a problem of type {@code invalid-input}.
 *
 * @param field the field of the body or the parameter, for example
 * {@code lines[0].quantity}; empty for the body as a whole
 * @param message what it has to be
 */
record InvalidField(String field, String message) {

	@Override
	public String toString() {
		return this.field.isEmpty() ? this.message : this.field + " " + this.message;
	}

}
