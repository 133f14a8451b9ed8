// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.testing;

/**
 * What has gone through a {@link FaultProxy}. Of an encrypted connection only the bytes
 * are counted.
 *
 * @param connections how many connections clients have opened
 * @param messages how many messages they have sent
 * @param roundTrips how often they have asked for an answer: by Sync or a simple query
 * @param bytesToServer how many bytes they have sent
 * @param bytesToClient how many bytes they were to receive
 */
public record Traffic(long connections, long messages, long roundTrips, long bytesToServer, long bytesToClient) {

	/**
	 * What was added since.
	 * @param earlier an earlier reading
	 * @return the differences
	 */
	public Traffic since(Traffic earlier) {
		return new Traffic(this.connections - earlier.connections, this.messages - earlier.messages,
				this.roundTrips - earlier.roundTrips, this.bytesToServer - earlier.bytesToServer,
				this.bytesToClient - earlier.bytesToClient);
	}

}
