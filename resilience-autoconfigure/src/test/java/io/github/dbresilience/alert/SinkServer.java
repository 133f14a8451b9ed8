// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.alert;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;

/**
 * A real HTTP server on this host that answers as it is told, in that order, and 200 when
 * it has no more orders.
 */
final class SinkServer implements AutoCloseable {

	private final HttpServer server;

	private final ExecutorService executor = Executors.newCachedThreadPool();

	private final Queue<Reply> replies = new ArrayDeque<>();

	private final List<Received> received = new CopyOnWriteArrayList<>();

	SinkServer() {
		try {
			this.server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		this.server.setExecutor(this.executor);
		this.server.createContext("/", this::handle);
		this.server.start();
	}

	private void handle(HttpExchange exchange) throws IOException {
		try (exchange) {
			String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
			this.received.add(new Received(exchange.getRequestMethod(), exchange.getRequestURI().toString(),
					exchange.getRequestHeaders(), body));
			Reply reply;
			synchronized (this.replies) {
				reply = this.replies.poll();
			}
			((reply != null) ? reply : status(200)).send(exchange);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

	SinkServer then(Reply reply) {
		synchronized (this.replies) {
			this.replies.add(reply);
		}
		return this;
	}

	static Reply status(int status) {
		return body(status, "");
	}

	static Reply body(int status, String body) {
		return (exchange) -> {
			byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
			exchange.sendResponseHeaders(status, (bytes.length > 0) ? bytes.length : -1);
			exchange.getResponseBody().write(bytes);
		};
	}

	static Reply header(int status, String name, String value) {
		return (exchange) -> {
			exchange.getResponseHeaders().add(name, value);
			exchange.sendResponseHeaders(status, -1);
		};
	}

	String url() {
		return "http://127.0.0.1:" + this.server.getAddress().getPort();
	}

	List<Received> received() {
		return this.received;
	}

	@Override
	public void close() {
		this.server.stop(0);
		this.executor.shutdownNow();
	}

	/** How to answer. */
	interface Reply {

		void send(HttpExchange exchange) throws IOException, InterruptedException;

	}

	/** What was sent to the server. */
	record Received(String method, String path, Headers headers, String body) {

	}

}
