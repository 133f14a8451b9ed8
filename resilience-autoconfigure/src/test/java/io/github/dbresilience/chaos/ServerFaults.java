// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.chaos;

import java.util.List;

import io.github.dbresilience.testing.PostgresServer;

/**
 * Faults of the whole server.
 */
final class ServerFaults {

	private final PostgresServer server;

	ServerFaults(PostgresServer server) {
		this.server = server;
	}

	List<Fault> all() {
		return List.of(new Fault("kill -9 server", (random, hit) -> {
			this.server.killPostmasterAndBackends();
			Pause.between(0, 500, random);
			this.server.start();
		}), new Fault("immediate stop", (random, hit) -> {
			this.server.stopImmediately();
			this.server.start();
		}), new Fault("restart", (random, hit) -> this.server.restart()),
				new Fault("SIGSTOP for a second", (random, hit) -> {
					this.server.pause();
					Pause.between(800, 1500, random);
					this.server.resume();
				}));
	}

}
