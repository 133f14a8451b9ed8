// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.testing;

import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

import org.jspecify.annotations.Nullable;

/**
 * A TCP proxy on loopback in front of a PostgreSQL server that does what networks do:
 * cut, reset, refuse, swallow and delay; and that can lose a COMMIT, or the answer to it,
 * by a {@link CommitScript}.
 * <p>
 * It reads the protocol, version 3, to find COMMIT in simple and in extended queries. Of
 * a connection that the server agrees to encrypt it sees nothing: there scripts never
 * happen, all else works.
 * <p>
 * Thread-safe. After {@link #close()} nothing of it is left.
 */
public final class FaultProxy implements AutoCloseable {

	private final int port = FreePort.find();

	private final Gate gate = new Gate();

	private final TrafficMeter meter = new TrafficMeter();

	private final Set<ProxiedConnection> connections = ConcurrentHashMap.newKeySet();

	private final List<CommitFault> faults = new CopyOnWriteArrayList<>();

	private volatile Target target;

	private volatile long delayNanos;

	private @Nullable Listener listener;

	private FaultProxy(Target target) {
		this.target = target;
		accept();
	}

	/**
	 * Starts a proxy.
	 * @param server where its connections go
	 * @return a proxy that accepts connections
	 */
	public static FaultProxy to(PostgresServer server) {
		return to("localhost", server.port());
	}

	/**
	 * Starts a proxy.
	 * @param host where its connections go
	 * @param port the port there
	 * @return a proxy that accepts connections
	 */
	public static FaultProxy to(String host, int port) {
		return new FaultProxy(new Target(host, port));
	}

	/**
	 * {@return the port, which stays the same for the life of the proxy}
	 */
	public int port() {
		return this.port;
	}

	/**
	 * {@return the URL of the database "app" through this proxy, without parameters}
	 */
	public String jdbcUrl() {
		return jdbcUrl(PostgresInstallation.USER);
	}

	/**
	 * The URL of a database through this proxy.
	 * @param database its name
	 * @return a URL without credentials and without parameters
	 */
	public String jdbcUrl(String database) {
		return "jdbc:postgresql://localhost:" + this.port + "/" + database;
	}

	/**
	 * Lets new connections go to another server, for example a promoted standby. Those
	 * that are open stay where they are.
	 * @param host where connections go
	 * @param port the port there
	 */
	public void retarget(String host, int port) {
		this.target = new Target(host, port);
	}

	/**
	 * Lets new connections go to another server.
	 * @param server where connections go
	 */
	public void retarget(PostgresServer server) {
		retarget("localhost", server.port());
	}

	/**
	 * Closes all connections on both sides (FIN).
	 */
	public void cut() {
		this.connections.forEach(ProxiedConnection::close);
	}

	/**
	 * Resets all connections on both sides (RST).
	 */
	public void reset() {
		this.connections.forEach(ProxiedConnection::reset);
	}

	/**
	 * Refuses new connections, as if no server ran here. Those that are open go on.
	 */
	public synchronized void refuse() {
		Listener current = this.listener;
		this.listener = null;
		if (current != null) {
			current.close();
		}
	}

	/**
	 * Accepts new connections again.
	 */
	public synchronized void accept() {
		if (this.listener == null) {
			this.listener = Listener.start(this.port, this::open);
		}
	}

	private void open(Socket client) {
		ProxiedConnection connection = new ProxiedConnection(this, client);
		this.meter.opened();
		this.connections.add(connection);
		connection.start();
	}

	/**
	 * Forwards nothing any more, in neither direction and not the end of a connection
	 * either. Nothing is closed, and new connections are accepted and get no answer.
	 */
	public void blackHole() {
		this.gate.close();
	}

	/**
	 * Ends a black hole: what was held back is delivered.
	 */
	public void heal() {
		this.gate.open();
	}

	/**
	 * Delays all that goes through by the same time. The throughput is not limited.
	 * @param perDirection the delay in each direction, so a round trip takes twice that
	 * longer; zero for none
	 */
	public void delay(Duration perDirection) {
		this.delayNanos = perDirection.toNanos();
	}

	/**
	 * Lets a script happen to the next COMMIT that it fits. Where several do, the first
	 * one that was armed happens.
	 * @param script what happens, and to which COMMIT
	 * @return tells when it has happened
	 */
	public CommitFault arm(CommitScript script) {
		CommitFault fault = new CommitFault(script);
		this.faults.add(fault);
		return fault;
	}

	/**
	 * Forgets all scripts. What has begun to happen goes on.
	 */
	public void disarm() {
		this.faults.clear();
	}

	/**
	 * {@return what has gone through since the start}
	 */
	public Traffic traffic() {
		return this.meter.read();
	}

	/**
	 * {@return how many connections are open, on either side}
	 */
	public int openConnections() {
		return this.connections.size();
	}

	/**
	 * Closes all connections and the port. A second call does nothing.
	 */
	@Override
	public void close() {
		refuse();
		cut();
	}

	@Nullable CommitFault faultFor(ClientBatch commit) {
		return this.faults.stream().filter((fault) -> fault.claims(commit)).findFirst().orElse(null);
	}

	/**
	 * {@return the address of the server, looked up anew}
	 */
	InetSocketAddress target() {
		Target current = this.target;
		return new InetSocketAddress(current.host(), current.port());
	}

	Gate gate() {
		return this.gate;
	}

	TrafficMeter meter() {
		return this.meter;
	}

	long delayNanos() {
		return this.delayNanos;
	}

	void forget(ProxiedConnection connection) {
		this.connections.remove(connection);
	}

	private record Target(String host, int port) {
	}

}
