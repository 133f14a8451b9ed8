// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.testing;

import java.io.IOException;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

import org.jspecify.annotations.Nullable;

/**
 * A client's connection and the one to the server that belongs to it. Each direction has
 * a thread that reads and one that writes what is delayed. Thread-safe.
 */
final class ProxiedConnection {

	private static final int CHUNK = 64 * 1024;

	private final FaultProxy proxy;

	private final Socket client;

	private final Socket server = new Socket();

	private final DelayLine toServer;

	private final DelayLine toClient;

	private final ClientStream clientStream;

	private final ServerStream serverStream;

	private final List<Thread> threads = new CopyOnWriteArrayList<>();

	private final AtomicInteger directions = new AtomicInteger(2);

	/** How many batches were sent that are answered. */
	private long batches;

	private volatile @Nullable CommitFault unanswered;

	private volatile boolean closed;

	ProxiedConnection(FaultProxy proxy, Socket client) {
		this.proxy = proxy;
		this.client = client;
		this.toServer = new DelayLine(this, this.server, proxy::delayNanos, proxy.gate());
		this.toClient = new DelayLine(this, client, proxy::delayNanos, proxy.gate());
		Negotiation negotiation = new Negotiation();
		this.clientStream = new ClientStream(negotiation);
		this.serverStream = new ServerStream(negotiation);
	}

	void start() {
		thread("from-client", () -> {
			connect();
			pump(this.client, this::fromClient);
		});
	}

	private void connect() throws IOException, InterruptedException {
		this.proxy.gate().pass(this::isClosed);
		this.client.setTcpNoDelay(true);
		this.server.setTcpNoDelay(true);
		this.server.connect(this.proxy.target());
		thread("to-server", this.toServer::run);
		thread("to-client", this.toClient::run);
		thread("from-server", () -> pump(this.server, this::fromServer));
	}

	private void thread(String name, Task task) {
		Thread thread = new Thread(() -> {
			try {
				task.run();
			}
			catch (IOException ex) {
				close();
			}
			catch (InterruptedException ex) {
				// This connection was closed.
			}
		}, "fault-proxy-" + this.proxy.port() + "-" + name);
		thread.setDaemon(true);
		this.threads.add(thread);
		thread.start();
		if (this.closed) {
			thread.interrupt();
		}
	}

	private void pump(Socket from, Receiver receiver) throws IOException, InterruptedException {
		byte[] chunk = new byte[CHUNK];
		boolean more = true;
		while (more) {
			int length = from.getInputStream().read(chunk);
			this.proxy.gate().pass(this::isClosed);
			if (this.closed) {
				return;
			}
			more = receiver.receive(chunk, length);
		}
		if (this.directions.decrementAndGet() == 0) {
			close();
		}
	}

	private boolean fromClient(byte[] chunk, int length) {
		if (length < 0) {
			this.toServer.end();
			return false;
		}
		for (ClientBatch batch : this.clientStream.read(chunk, length)) {
			this.proxy.meter().toServer(batch);
			if (batch.answered()) {
				this.batches++;
			}
			CommitFault fault = batch.isCommit() ? this.proxy.faultFor(batch) : null;
			if (fault != null) {
				perform(fault, batch);
				return false;
			}
			this.toServer.write(batch.bytes());
		}
		return true;
	}

	private void perform(CommitFault fault, ClientBatch batch) {
		CommitScript script = fault.script();
		this.serverStream.withhold(this.batches);
		if (script.action() == CommitScript.Action.DROP_REPLY) {
			this.unanswered = fault;
			this.toServer.write(batch.bytes());
			return;
		}
		byte[] rest = batch.bytes();
		if (script.part() == CommitScript.Part.FROM_COMMIT) {
			rest = batch.fromCommitOn();
			this.toServer.write(batch.beforeCommit());
		}
		closeQuietly(this.client);
		if (script.action() == CommitScript.Action.DELAY_COMMIT) {
			byte[] delayed = rest;
			this.unanswered = fault;
			fault.released().thenRun(() -> this.toServer.write(delayed));
		}
		else {
			endSession(fault);
		}
		fault.happen();
	}

	private boolean fromServer(byte[] chunk, int length) {
		if (length < 0) {
			this.toClient.end();
			return false;
		}
		byte[] passed = this.serverStream.read(chunk, length);
		this.proxy.meter().toClient(passed.length);
		if (passed.length > 0) {
			this.toClient.write(passed);
		}
		CommitFault fault = this.unanswered;
		if (fault != null && this.serverStream.isWithheldComplete()) {
			this.unanswered = null;
			answered(fault);
		}
		return true;
	}

	private void answered(CommitFault fault) {
		closeQuietly(this.client);
		fault.reply(this.serverStream.withheld());
		if (fault.script().action() == CommitScript.Action.DROP_REPLY) {
			fault.happen();
		}
		endSession(fault);
	}

	private void endSession(CommitFault fault) {
		if (fault.script().session() == CommitScript.Session.KEPT) {
			fault.released().thenRun(this.toServer::end);
		}
		else {
			this.toServer.end();
		}
	}

	boolean isClosed() {
		return this.closed;
	}

	/** Closes both sides, so that each reads the end of its stream. */
	void close() {
		this.closed = true;
		closeQuietly(this.client);
		closeQuietly(this.server);
		this.proxy.forget(this);
		this.proxy.gate().knock();
		this.threads.forEach(Thread::interrupt);
	}

	/** Closes both sides, so that each reads that the connection was reset. */
	void reset() {
		try {
			this.client.setSoLinger(true, 0);
			this.server.setSoLinger(true, 0);
		}
		catch (IOException ex) {
			// Closed already.
		}
		close();
	}

	private static void closeQuietly(Socket socket) {
		try {
			socket.close();
		}
		catch (IOException ex) {
			// There is nothing to be done about it.
		}
	}

	@FunctionalInterface
	private interface Task {

		void run() throws IOException, InterruptedException;

	}

	@FunctionalInterface
	private interface Receiver {

		/**
		 * Takes what has arrived.
		 * @param chunk the bytes
		 * @param length how many, -1 at the end of the stream
		 * @return whether to read on
		 */
		boolean receive(byte[] chunk, int length);

	}

}
