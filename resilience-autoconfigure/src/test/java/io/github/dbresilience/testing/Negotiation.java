// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.testing;

/**
 * What the two directions of a connection know about its encryption. A client waits for
 * the answer to its request, so the directions take turns.
 */
final class Negotiation {

	/** The first byte of a TLS record with a handshake. */
	static final int TLS_HANDSHAKE = 0x16;

	private static final int SSL_REQUEST = 80877103;

	private static final int GSS_REQUEST = 80877104;

	private volatile boolean asked;

	private volatile boolean opaque;

	/**
	 * {@return whether the rest of the stream is encrypted, and only passed on}
	 */
	boolean isOpaque() {
		return this.opaque;
	}

	void becomeOpaque() {
		this.opaque = true;
	}

	/**
	 * Notes what the client says first.
	 * @param message a message without a type
	 * @return whether it was a question about encryption
	 */
	boolean isQuestion(Message message) {
		this.asked = message.code() == SSL_REQUEST || message.code() == GSS_REQUEST;
		return this.asked;
	}

	/**
	 * Notes the first byte that a server says.
	 * @param first the byte
	 * @return whether it is an answer about encryption: one byte that is no message
	 */
	boolean isAnswer(int first) {
		if (!this.asked) {
			return false;
		}
		this.asked = false;
		this.opaque = first == 'S' || first == 'G';
		return this.opaque || first == 'N';
	}

}
