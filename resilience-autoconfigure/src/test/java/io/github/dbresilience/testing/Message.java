// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.testing;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * One message of PostgreSQL's protocol, version 3.
 *
 * @param type its first byte; 0 for the messages before the session, which have none
 * @param bytes all of it, with type and length
 */
record Message(char type, byte[] bytes) {

	/**
	 * Reads strings that end with a zero byte.
	 * @param skip how many bytes of the content come before
	 * @param count how many strings
	 * @return the strings
	 */
	String[] strings(int skip, int count) {
		String[] strings = new String[count];
		int from = contentAt() + skip;
		for (int i = 0; i < count; i++) {
			int end = from;
			while (this.bytes[end] != 0) {
				end++;
			}
			strings[i] = new String(this.bytes, from, end - from, StandardCharsets.UTF_8);
			from = end + 1;
		}
		return strings;
	}

	String string() {
		return strings(0, 1)[0];
	}

	/**
	 * {@return the content's first four bytes}
	 */
	int code() {
		return ByteBuffer.wrap(this.bytes).getInt(contentAt());
	}

	/**
	 * {@return the content's first byte}
	 */
	char kind() {
		return (char) this.bytes[contentAt()];
	}

	private int contentAt() {
		return (this.type != 0) ? 5 : 4;
	}

}
