// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.threshold;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Whose alerts they are.
 *
 * @param application the name of the application, may be empty
 * @param instance what tells this instance from others, may be empty
 */
public record AlertSource(String application, String instance) {

	private static final int FINGERPRINT_BYTES = 16;

	/** The labels of every alert. */
	Map<String, String> labels() {
		Map<String, String> labels = new LinkedHashMap<>();
		labels.put("application", this.application);
		labels.put("instance", this.instance);
		labels.values().removeIf(String::isEmpty);
		return Map.copyOf(labels);
	}

	/** The same for the same alert, after a restart too. */
	String fingerprint(String name, String dataSource) {
		String identity = String.join("\0", name, dataSource, this.application, this.instance);
		try {
			byte[] hash = MessageDigest.getInstance("SHA-256").digest(identity.getBytes(StandardCharsets.UTF_8));
			return HexFormat.of().formatHex(hash, 0, FINGERPRINT_BYTES);
		}
		catch (NoSuchAlgorithmException ex) {
			throw new IllegalStateException("Every Java has SHA-256", ex);
		}
	}

}
