// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.monitor;

import java.time.Duration;
import java.time.Instant;

import io.github.dbresilience.fault.Fault;
import io.github.dbresilience.topology.ServerIdentity;
import org.jspecify.annotations.Nullable;

/**
 * What is known of one server. Immutable.
 *
 * @param address host and port, or what else the data source is connected to
 * @param state what is the matter with it
 * @param identity who it said it was when it last answered, {@code null} if it never did
 * @param probedAt when the last probe ended, {@code null} before the first one
 * @param latency the round trip of the last probe, {@code null} if it was not answered
 * @param fault why the last probe was not answered, {@code null} if it was
 * @param sample the last full look, {@code null} if there was none yet
 */
public record ServerSnapshot(String address, DatabaseState state, @Nullable ServerIdentity identity,
		@Nullable Instant probedAt, @Nullable Duration latency, @Nullable Fault fault, @Nullable Sample sample) {

}
