// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.testing;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

/**
 * A real PostgreSQL server of a test's own, to which real faults can be done. It is made
 * from the programs on the class path, with {@code fsync} and {@code synchronous_commit}
 * on, and has a database and an ordinary user "app" and a superuser "postgres", both with
 * a random password (SCRAM). As root it runs under the account "nobody".
 * <p>
 * The server keeps its data and its port while it is down. {@link #close()} ends it and
 * removes its directory; so does the end of the JVM, even a violent one.
 * <p>
 * Thread-safe: changes of state exclude one another, the rest never waits for them.
 * Failures of the server itself are {@link IllegalStateException}s with the end of its
 * log.
 */
public final class PostgresServer implements AutoCloseable {

	private static final Log logger = LogFactory.getLog(PostgresServer.class);

	private final int port;

	private final DatabaseServer sql;

	private final ServerDirectory directory;

	private final boolean tls;

	private final Thread shutdownHook = new Thread(this::end, "test-database-shutdown");

	private volatile @Nullable Postmaster postmaster;

	PostgresServer(ServerOptions options) {
		PostgresInstallation installation = PostgresInstallation.shared();
		this.port = options.port();
		this.tls = options.tls() == ServerOptions.Tls.ON;
		this.sql = new DatabaseServer("localhost:" + this.port,
				new DatabaseServer.Account(PostgresInstallation.ADMIN, installation.adminPassword()),
				new DatabaseServer.Account(PostgresInstallation.USER, installation.password()));
		this.directory = ServerDirectory.create(installation, options);
		Runtime.getRuntime().addShutdownHook(this.shutdownHook);
	}

	/**
	 * Starts a server with the defaults.
	 * @return a server that accepts connections
	 */
	public static PostgresServer create() {
		return builder().start();
	}

	/**
	 * Prepares a server with options.
	 * @return a builder
	 */
	public static PostgresServerBuilder builder() {
		return new PostgresServerBuilder();
	}

	/**
	 * {@return the URL of the database "app", without credentials and parameters}
	 */
	public String jdbcUrl() {
		return jdbcUrl(PostgresInstallation.USER);
	}

	/**
	 * The URL of a database.
	 * @param database its name
	 * @return a URL without credentials and without parameters
	 */
	public String jdbcUrl(String database) {
		return this.sql.jdbcUrl(database);
	}

	/**
	 * {@return the port, which stays the same for the life of the server}
	 */
	public int port() {
		return this.port;
	}

	/**
	 * {@return the ordinary user, who owns the database "app"}
	 */
	public String username() {
		return this.sql.user().name();
	}

	/**
	 * {@return the password of the ordinary user}
	 */
	public String password() {
		return this.sql.user().password();
	}

	/**
	 * {@return the superuser}
	 */
	public String adminUsername() {
		return this.sql.admin().name();
	}

	/**
	 * {@return the password of the superuser}
	 */
	public String adminPassword() {
		return this.sql.admin().password();
	}

	/**
	 * The certificate that a client has to trust, for {@code sslrootcert}.
	 * @return a file with the server's self-signed certificate for "localhost"
	 * @throws IllegalStateException if the server was built without TLS
	 */
	public Path rootCertificate() {
		if (!this.tls) {
			throw new IllegalStateException("This server has no certificate: it was built without TLS");
		}
		return this.directory.certificate();
	}

	/**
	 * {@return the data directory, for example to copy it while the server is stopped}
	 */
	public Path dataDirectory() {
		return this.directory.data();
	}

	/**
	 * {@return the server's log, to which all starts append}
	 */
	public Path logFile() {
		return this.directory.log();
	}

	/**
	 * Opens an unpooled superuser connection to the database "app".
	 * @return a connection that belongs to the caller
	 * @throws SQLException if the server does not let it in within ten seconds
	 */
	public Connection connect() throws SQLException {
		return connect(PostgresInstallation.USER);
	}

	/**
	 * Opens an unpooled superuser connection.
	 * @param database the name of the database
	 * @return a connection that belongs to the caller
	 * @throws SQLException if the server does not let it in within ten seconds
	 */
	public Connection connect(String database) throws SQLException {
		return this.sql.connectAsAdmin(database);
	}

	/**
	 * Creates a database that belongs to {@link #username()}.
	 * @param name its name, quoted where needed
	 * @return the database
	 */
	public TestDatabase createDatabase(String name) {
		this.sql.createDatabase(name);
		return new TestDatabase(this.sql, name);
	}

	/**
	 * The process id of the postmaster.
	 * @return the process id
	 * @throws IllegalStateException if the server was never started or is stopped
	 */
	public long postmasterPid() {
		return running().pid();
	}

	/**
	 * Whether the postmaster exists; it may be paused, or may still be recovering.
	 * @return whether it runs
	 */
	public boolean isRunning() {
		Postmaster current = this.postmaster;
		return current != null && current.isAlive();
	}

	/**
	 * Starts the server on its old data and waits until it accepts connections, after a
	 * kill for the end of its recovery.
	 * @throws IllegalStateException if it runs already or does not come up within 60 s
	 */
	public synchronized void start() {
		if (isRunning()) {
			throw new IllegalStateException("The server on port " + this.port + " runs already");
		}
		killPostmasterAndBackends();
		PostgresInstallation installation = PostgresInstallation.shared();
		this.postmaster = Postmaster.start(this.directory, installation.account()
			.command(List.of(installation.program("postgres"), "-D", this.directory.data().toString())));
	}

	/**
	 * Shuts the server down in fast mode: sessions are ended with SQLState 57P01 and a
	 * checkpoint is written. Also ends a paused server. Does nothing to one that is down.
	 * @throws IllegalStateException if it did not end within 30 s and was killed
	 */
	public synchronized void stop() {
		stop("INT");
	}

	/**
	 * Shuts the server down in immediate mode: sessions break (the driver says 08006;
	 * 57P02 is only a warning that comes before) and the next start recovers. Does
	 * nothing to a server that is down.
	 * @throws IllegalStateException if it did not end within 30 s and was killed
	 */
	public synchronized void stopImmediately() {
		stop("QUIT");
	}

	private void stop(String signal) {
		Postmaster current = this.postmaster;
		this.postmaster = null;
		if (current != null) {
			current.stop(signal);
		}
	}

	/**
	 * Shuts the server down in fast mode, if it runs, and starts it.
	 */
	public synchronized void restart() {
		stop();
		start();
	}

	/**
	 * Kills the postmaster and all its children with SIGKILL, as a crash of the machine
	 * would, and waits until they are gone. Does nothing to a server that is down.
	 */
	public synchronized void killPostmasterAndBackends() {
		Postmaster current = this.postmaster;
		this.postmaster = null;
		if (current != null) {
			current.kill();
		}
	}

	/**
	 * Stops the postmaster and all its children with SIGSTOP: connections stay open, the
	 * system still completes new ones, and nobody answers.
	 */
	public synchronized void pause() {
		running().suspend();
	}

	/**
	 * Stops the postmaster alone: open sessions work, new connections get no answer.
	 */
	public synchronized void pausePostmaster() {
		running().suspendAlone();
	}

	/**
	 * Lets everything that was paused go on.
	 */
	public synchronized void resume() {
		running().resume();
	}

	/**
	 * Gives access to one session, to do faults to it alone.
	 * @param pid its process id, that of {@code pg_backend_pid()} or of another process
	 * of the server in {@code pg_stat_activity}
	 * @return the session's process
	 * @throws IllegalArgumentException if this server has no such process
	 */
	public Backend backend(long pid) {
		return new Backend(running().child(pid), this.sql);
	}

	/**
	 * Ends all client sessions with {@code pg_terminate_backend} (SQLState 57P01) and
	 * waits up to 15 s for the end of each.
	 * @return how many have ended
	 */
	public int terminateBackends() {
		return this.sql.terminate("? = ''", "");
	}

	/**
	 * Ends the client sessions of an application, like {@link #terminateBackends()}.
	 * @param applicationName their {@code application_name}
	 * @return how many have ended
	 */
	public int terminateBackendsOfApplication(String applicationName) {
		return this.sql.terminate("application_name = ?", applicationName);
	}

	/**
	 * Ends the client sessions in a database, like {@link #terminateBackends()}.
	 * @param database the name of the database
	 * @return how many have ended
	 */
	public int terminateBackendsOfDatabase(String database) {
		return this.sql.terminate("datname = ?", database);
	}

	/**
	 * Ends the server, in whatever state it is, and removes its directory. A second call
	 * does nothing.
	 */
	@Override
	public void close() {
		boolean interrupted = Thread.interrupted();
		try {
			Runtime.getRuntime().removeShutdownHook(this.shutdownHook);
		}
		catch (IllegalStateException ex) {
			logger.trace("The JVM is ending", ex);
		}
		end();
		if (interrupted) {
			Thread.currentThread().interrupt();
		}
	}

	private synchronized void end() {
		try {
			stopImmediately();
		}
		catch (IllegalStateException ex) {
			logger.warn("The server on port " + this.port + " was stuck", ex);
		}
		this.directory.remove();
	}

	/**
	 * Throws the data away and starts as a standby.
	 * @param primary the server to copy, which runs
	 * @param settings the settings of a standby
	 */
	synchronized void startAsStandby(PostgresServer primary, Map<String, String> settings) {
		killPostmasterAndBackends();
		Map<String, String> own = new LinkedHashMap<>(settings);
		own.put("port", Integer.toString(this.port));
		this.directory.replaceData(primary, own);
		start();
	}

	DatabaseServer sql() {
		return this.sql;
	}

	private Postmaster running() {
		Postmaster current = this.postmaster;
		if (current == null) {
			throw new IllegalStateException("The server on port " + this.port + " is down");
		}
		return current;
	}

}
