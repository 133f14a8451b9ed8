// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.topology;

/**
 * What a server is in its replication group.
 */
public enum ServerRole {

	/** Takes writes. */
	PRIMARY,

	/** In recovery: read-only. */
	STANDBY

}
