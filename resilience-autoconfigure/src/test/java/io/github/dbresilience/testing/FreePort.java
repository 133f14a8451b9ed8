// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.testing;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Finds a port for a server that keeps it while it is down. It is below the ports that
 * the system gives to clients (from 32768 on Linux, 49152 elsewhere): there a client
 * could take it meanwhile, or, knocking often enough, be connected to itself.
 */
final class FreePort {

	private static final int FROM = 15_000;

	private static final int TO = 32_768;

	private FreePort() {
	}

	static int find() {
		return ThreadLocalRandom.current()
			.ints(FROM, TO)
			.limit(100)
			.filter(FreePort::isFree)
			.findFirst()
			.orElseThrow(() -> new IllegalStateException("No free port between " + FROM + " and " + TO));
	}

	private static boolean isFree(int port) {
		try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
			return socket.isBound();
		}
		catch (IOException ex) {
			return false;
		}
	}

}
