// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.storm;

/**
 * What clients have sent, or tried to.
 *
 * @param connects connections that were opened or tried to
 * @param statements batches of messages on open connections: statements, and the steps of
 * a login after its first
 */
record Sent(long connects, long statements) {

	Sent since(Sent earlier) {
		return new Sent(this.connects - earlier.connects, this.statements - earlier.statements);
	}

	long total() {
		return this.connects + this.statements;
	}

}
