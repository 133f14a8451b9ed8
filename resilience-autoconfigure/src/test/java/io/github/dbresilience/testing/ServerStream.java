// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.testing;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads what a server says and knows which of the client's batches it answers. Not
 * thread-safe, except for {@link #withhold}.
 */
final class ServerStream {

	private final MessageBuffer buffer = new MessageBuffer();

	private final Negotiation negotiation;

	/** The first ReadyForQuery answers no batch: it ends the login. */
	private long answering;

	private volatile long withholdFrom = Long.MAX_VALUE;

	private final List<String> withheld = new ArrayList<>();

	private boolean complete;

	ServerStream(Negotiation negotiation) {
		this.negotiation = negotiation;
	}

	/**
	 * Lets nothing through any more once a batch is answered.
	 * @param batch the number of the batch, from 1
	 */
	void withhold(long batch) {
		this.withholdFrom = batch;
	}

	/**
	 * Takes what has arrived.
	 * @param chunk the bytes
	 * @param length how many
	 * @return the complete messages in it that the client shall see
	 */
	byte[] read(byte[] chunk, int length) {
		this.buffer.add(chunk, length);
		ByteArrayOutputStream passed = new ByteArrayOutputStream(length);
		if (this.buffer.peek() >= 0 && this.negotiation.isAnswer(this.buffer.peek())) {
			passed.writeBytes(this.buffer.take(1));
		}
		if (this.negotiation.isOpaque()) {
			passed.writeBytes(this.buffer.takeAll());
			return passed.toByteArray();
		}
		for (Message message = this.buffer.nextTyped(); message != null; message = this.buffer.nextTyped()) {
			if (this.answering < this.withholdFrom) {
				passed.writeBytes(message.bytes());
			}
			else {
				note(message);
			}
			if (message.type() == 'Z') {
				this.answering++;
			}
		}
		return passed.toByteArray();
	}

	private void note(Message message) {
		switch (message.type()) {
			case 'C' -> this.withheld.add(message.string());
			case 'E' -> this.withheld.add("ERROR " + sqlState(message));
			case 'Z' -> this.complete = true;
			default -> {
			}
		}
	}

	/** The fields of an error are strings that begin with their kind. */
	private static String sqlState(Message error) {
		for (int count = 1;; count++) {
			String field = error.strings(0, count)[count - 1];
			if (field.isEmpty() || field.charAt(0) == 'C') {
				return field.isEmpty() ? "" : field.substring(1);
			}
		}
	}

	/**
	 * {@return whether the withheld answer has arrived as a whole}
	 */
	boolean isWithheldComplete() {
		return this.complete;
	}

	/**
	 * {@return what was withheld: tags of commands like "COMMIT", or "ERROR" and the
	 * SQLState}
	 */
	List<String> withheld() {
		return List.copyOf(this.withheld);
	}

}
