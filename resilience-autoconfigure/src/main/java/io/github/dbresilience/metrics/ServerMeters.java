// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.metrics;

import java.time.Duration;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;

import io.github.dbresilience.monitor.ServerSnapshot;
import io.github.dbresilience.monitor.Snapshot;
import io.github.dbresilience.topology.ServerIdentity;
import org.jspecify.annotations.Nullable;

/**
 * What the probe found at one server.
 */
final class ServerMeters {

	private ServerMeters() {
	}

	static void bind(Meters meters, Source source, String address) {
		gauge(meters, "server.up", "1 if the server answered the last probe, 0 if not", source, address,
				(server) -> Meters.flag(isUp(server)));
		gauge(meters, "server.primary", "1 if the server was a primary when it last answered, 0 if not", source,
				address, (server) -> Meters.flag(identity(server, ServerIdentity::isPrimary)));
		gauge(meters, "server.timeline", "Timeline that the server was on when it last answered", source, address,
				(server) -> Meters.number(identity(server, ServerMeters::timeline)));
		meters.time("server.ping.latency", "Round trip of the last probe", source,
				(read) -> latency(find(read.snapshot(), address)));
	}

	private static void gauge(Meters meters, String name, String description, Source source, String address,
			ToDoubleFunction<ServerSnapshot> value) {
		meters.gauge(name, description, source, (read) -> {
			ServerSnapshot server = find(read.snapshot(), address);
			return (server != null) ? value.applyAsDouble(server) : Double.NaN;
		});
	}

	private static @Nullable Boolean isUp(ServerSnapshot server) {
		return (server.probedAt() != null) ? server.latency() != null : null;
	}

	private static <R> @Nullable R identity(ServerSnapshot server, Function<ServerIdentity, @Nullable R> value) {
		return (server.identity() != null) ? value.apply(server.identity()) : null;
	}

	private static @Nullable Integer timeline(ServerIdentity identity) {
		return (identity.timeline() > 0) ? identity.timeline() : null;
	}

	private static @Nullable Duration latency(@Nullable ServerSnapshot server) {
		return (server != null) ? server.latency() : null;
	}

	static @Nullable ServerSnapshot find(Snapshot snapshot, String address) {
		for (ServerSnapshot server : snapshot.servers()) {
			if (server.address().equals(address)) {
				return server;
			}
		}
		return null;
	}

}
