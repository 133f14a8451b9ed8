// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.chaos;

import org.jspecify.annotations.Nullable;

/**
 * Something that must not be.
 *
 * @param kind what sort of wrong
 * @param subject what it is about: an id, a value, a key
 * @param text the finding for a reader
 * @param operation the operation that was wronged, if it is one
 */
record Finding(Kind kind, Object subject, String text, @Nullable Operation operation) {

	@Override
	public String toString() {
		return this.kind + " " + this.text + ((this.operation != null) ? ": " + this.operation : "");
	}

	/** What sort of wrong. */
	enum Kind {

		/** Acknowledged, but not there. */
		LOST,

		/** There more than once. */
		DUPLICATED,

		/** There, although the caller was told that it is not. */
		RESURRECTED,

		/** Anything else that no serial execution of the operations explains. */
		ANOMALY

	}

}
