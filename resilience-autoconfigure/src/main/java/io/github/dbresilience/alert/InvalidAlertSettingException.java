// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.alert;

/**
 * A property of the alerts cannot be used. The message names the property and what would
 * do, and never shows a value that may be secret.
 */
public final class InvalidAlertSettingException extends RuntimeException {

	private static final long serialVersionUID = 1L;

	private final String property;

	/**
	 * Refuses a property.
	 * @param property its whole name
	 * @param problem what is wrong and what would do
	 */
	public InvalidAlertSettingException(String property, String problem) {
		super(property + " " + problem);
		this.property = property;
	}

	/**
	 * The property.
	 * @return its whole name
	 */
	public String property() {
		return this.property;
	}

}
