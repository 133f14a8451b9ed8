// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.testing;

import java.nio.ByteBuffer;

import org.jspecify.annotations.Nullable;

/**
 * Cuts a stream of bytes into messages. Not thread-safe.
 */
final class MessageBuffer {

	/** Between two calls its content is what lies between position and limit. */
	private ByteBuffer bytes = ByteBuffer.allocate(16 * 1024).flip();

	void add(byte[] chunk, int length) {
		if (this.bytes.capacity() - this.bytes.remaining() < length) {
			int capacity = Math.max(this.bytes.capacity() * 2, this.bytes.remaining() + length);
			this.bytes = ByteBuffer.allocate(capacity).put(this.bytes);
		}
		else {
			this.bytes.compact();
		}
		this.bytes.put(chunk, 0, length).flip();
	}

	/**
	 * {@return the next message with a type, null if it is not complete}
	 */
	@Nullable Message nextTyped() {
		return next(1);
	}

	/**
	 * {@return the next message without a type, null if it is not complete}
	 */
	@Nullable Message nextUntyped() {
		return next(0);
	}

	private @Nullable Message next(int typeLength) {
		if (this.bytes.remaining() < typeLength + Integer.BYTES) {
			return null;
		}
		int length = typeLength + this.bytes.getInt(this.bytes.position() + typeLength);
		if (this.bytes.remaining() < length) {
			return null;
		}
		return new Message((typeLength != 0) ? (char) this.bytes.get(this.bytes.position()) : 0, take(length));
	}

	/**
	 * {@return the next byte without consuming it, -1 if there is none}
	 */
	int peek() {
		return this.bytes.hasRemaining() ? Byte.toUnsignedInt(this.bytes.get(this.bytes.position())) : -1;
	}

	byte[] take(int length) {
		byte[] taken = new byte[length];
		this.bytes.get(taken);
		return taken;
	}

	byte[] takeAll() {
		return take(this.bytes.remaining());
	}

}
