// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.testing;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;

import org.jspecify.annotations.Nullable;

/**
 * Reads what a client says and knows its prepared statements, so that a COMMIT is found
 * by whatever name it is executed. Not thread-safe.
 */
final class ClientStream {

	private final MessageBuffer buffer = new MessageBuffer();

	private final Negotiation negotiation;

	private final Map<String, String> statements = new HashMap<>();

	private final Map<String, String> portals = new HashMap<>();

	private boolean started;

	private ByteArrayOutputStream bytes = new ByteArrayOutputStream();

	private StringJoiner sql = new StringJoiner("; ");

	private int messages;

	private int commitAt = -1;

	private boolean commits;

	ClientStream(Negotiation negotiation) {
		this.negotiation = negotiation;
	}

	/**
	 * Takes what has arrived.
	 * @param chunk the bytes
	 * @param length how many
	 * @return what is complete now
	 */
	List<ClientBatch> read(byte[] chunk, int length) {
		this.buffer.add(chunk, length);
		List<ClientBatch> batches = new ArrayList<>();
		for (Message message = next(); message != null; message = next()) {
			add(message);
			if (isEndOfBatch(message.type())) {
				batches.add(finish(message.type()));
			}
		}
		if (this.negotiation.isOpaque() && this.buffer.peek() >= 0) {
			batches.add(new ClientBatch(this.buffer.takeAll(), 0, false, "", -1));
		}
		return batches;
	}

	private @Nullable Message next() {
		if (this.started) {
			return this.buffer.nextTyped();
		}
		if (this.buffer.peek() == Negotiation.TLS_HANDSHAKE) {
			this.negotiation.becomeOpaque();
		}
		if (this.negotiation.isOpaque()) {
			return null;
		}
		Message message = this.buffer.nextUntyped();
		this.started = message != null && !this.negotiation.isQuestion(message);
		return message;
	}

	private void add(Message message) {
		int at = this.bytes.size();
		this.bytes.writeBytes(message.bytes());
		this.messages++;
		switch (message.type()) {
			case 'Q' -> execute(message.string(), at);
			case 'P' -> {
				String[] names = message.strings(0, 2);
				this.statements.put(names[0], names[1]);
				noteCommit(names[1], at);
			}
			case 'B' -> {
				String[] names = message.strings(0, 2);
				String text = this.statements.getOrDefault(names[1], "");
				this.portals.put(names[0], text);
				noteCommit(text, at);
			}
			case 'E' -> execute(this.portals.getOrDefault(message.string(), ""), at);
			case 'C' -> ((message.kind() == 'S') ? this.statements : this.portals).remove(message.strings(1, 1)[0]);
			default -> {
			}
		}
	}

	private void execute(String text, int at) {
		this.sql.add(text);
		if (noteCommit(text, at)) {
			this.commits = true;
		}
	}

	private boolean noteCommit(String text, int at) {
		boolean commit = CommitStatement.isIn(text);
		if (commit && this.commitAt < 0) {
			this.commitAt = at;
		}
		return commit;
	}

	/** A Flush asks for an answer too, but the one to COMMIT ends with Sync. */
	private boolean isEndOfBatch(char type) {
		return switch (type) {
			case 'P', 'B', 'D', 'E', 'C' -> false;
			case 'H' -> !this.commits;
			default -> true;
		};
	}

	private ClientBatch finish(char type) {
		boolean answered = type == 'S' || type == 'Q' || type == 'F';
		ClientBatch batch = new ClientBatch(this.bytes.toByteArray(), this.messages, answered, this.sql.toString(),
				this.commits ? this.commitAt : -1);
		this.bytes = new ByteArrayOutputStream();
		this.sql = new StringJoiner("; ");
		this.messages = 0;
		this.commitAt = -1;
		this.commits = false;
		return batch;
	}

}
