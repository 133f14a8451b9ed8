// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.datasource;

import io.github.dbresilience.commit.ServerSession;
import io.github.dbresilience.topology.ServerAddress;
import io.github.dbresilience.topology.ServerIdentity;
import org.jspecify.annotations.Nullable;

/**
 * What was known of the server's end of a pooled connection when it was opened.
 *
 * @param server where the connection leads
 * @param session the server's session, {@code null} if it is not told
 * @param identity the server, {@code null} if it is not told or behind a pooler, where
 * the next transaction may be another server's
 */
public record PooledSession(ServerAddress server, @Nullable ServerSession session, @Nullable ServerIdentity identity) {

}
