// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.alert;

/**
 * A sink could not deliver. The message is for an operator, and never with credentials;
 * there is no cause, as the messages of HTTP clients name URLs.
 */
final class DeliveryException extends RuntimeException {

	private static final long serialVersionUID = 1L;

	DeliveryException(String message) {
		super(message);
	}

}
