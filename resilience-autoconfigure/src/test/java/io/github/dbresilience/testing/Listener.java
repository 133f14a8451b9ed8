// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.function.Consumer;

import org.awaitility.Awaitility;

/**
 * An open port on loopback and the thread that accepts there.
 */
final class Listener {

	private static final int BACKLOG = 1000;

	private static final Duration TIMEOUT = Duration.ofSeconds(10);

	private final ServerSocket socket;

	private final Thread thread;

	private Listener(ServerSocket socket, Consumer<Socket> clients) {
		this.socket = socket;
		this.thread = new Thread(() -> accept(clients), "fault-proxy-" + socket.getLocalPort());
		this.thread.setDaemon(true);
	}

	static Listener start(int port, Consumer<Socket> clients) {
		try {
			Listener listener = new Listener(new ServerSocket(port, BACKLOG, InetAddress.getLoopbackAddress()),
					clients);
			listener.thread.start();
			return listener;
		}
		catch (IOException ex) {
			throw new UncheckedIOException("Cannot listen on port " + port, ex);
		}
	}

	private void accept(Consumer<Socket> clients) {
		try {
			while (true) {
				clients.accept(this.socket.accept());
			}
		}
		catch (IOException ex) {
			// The socket was closed.
		}
	}

	/**
	 * Closes the port. The system keeps it open while the thread is still in its call, so
	 * that is waited for.
	 */
	void close() {
		try {
			this.socket.close();
		}
		catch (IOException ex) {
			throw new UncheckedIOException("Cannot close port " + this.socket.getLocalPort(), ex);
		}
		Awaitility.await("end of the listener")
			.pollDelay(Duration.ZERO)
			.pollInterval(Duration.ofMillis(1))
			.atMost(TIMEOUT)
			.until(() -> !this.thread.isAlive());
	}

}
