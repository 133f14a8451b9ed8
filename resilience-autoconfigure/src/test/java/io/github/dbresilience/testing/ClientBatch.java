// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.testing;

import java.util.Arrays;

/**
 * What a client sends before it waits for an answer: all messages up to and including
 * Sync, or a simple query.
 *
 * @param bytes the messages
 * @param messages how many there are
 * @param answered whether ReadyForQuery ends the answer to it
 * @param sql the statements that it executes, separated by semicolons
 * @param commitAt where the first message that belongs to COMMIT begins; -1 if it does
 * not commit
 */
record ClientBatch(byte[] bytes, int messages, boolean answered, String sql, int commitAt) {

	boolean isCommit() {
		return this.commitAt >= 0;
	}

	byte[] beforeCommit() {
		return Arrays.copyOf(this.bytes, this.commitAt);
	}

	byte[] fromCommitOn() {
		return Arrays.copyOfRange(this.bytes, this.commitAt, this.bytes.length);
	}

}
