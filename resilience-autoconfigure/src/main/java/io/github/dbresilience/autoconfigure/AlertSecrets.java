// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.autoconfigure;

import java.util.Locale;
import java.util.regex.Pattern;

/**
 * Tells which properties of the alerts are secret, however they are written.
 */
final class AlertSecrets {

	private static final Pattern SECRET = Pattern
		.compile("(dbresilience)?alerts.*(url|urls\\d*|bearertoken|routingkey|headers.*)");

	private AlertSecrets() {
	}

	static boolean isSecret(String key) {
		return SECRET.matcher(key.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]", "")).matches();
	}

}
