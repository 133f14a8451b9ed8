// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

import org.springframework.util.FileSystemUtils;

/**
 * A real PgBouncer with transaction pooling in front of a server, from the program that
 * the machine has (Debian's package "pgbouncer"). Clients are the user "app", with any
 * password. It ends with the JVM, whatever the reason.
 * <p>
 * Prepared statements are known to version 1.21 and later, where
 * {@code max_prepared_statements} is not 0; Debian 12 has 1.18. Thread-safe. Failures are
 * {@link IllegalStateException}s.
 */
public final class PgBouncer implements AutoCloseable {

	private static final Duration TIMEOUT = Duration.ofSeconds(20);

	private final int port;

	private final Path directory;

	private final Guard guard;

	private final ProcessHandle process;

	private PgBouncer(int port, Path directory, Guard guard) {
		this.port = port;
		this.directory = directory;
		this.guard = guard;
		this.process = ProcessHandle.of(guard.serverPid())
			.orElseThrow(() -> new IllegalStateException("PgBouncer did not start:\n" + log()));
	}

	/**
	 * Whether the machine has the program.
	 * @return whether {@link #start} will find it
	 */
	public static boolean isInstalled() {
		return programs().findFirst().isPresent();
	}

	/**
	 * Starts a pooler.
	 * @param server the server that its connections go to
	 * @return a pooler that accepts connections
	 */
	public static PgBouncer start(PostgresServer server) {
		return start(server, server.port(), Map.of());
	}

	/**
	 * Starts a pooler with settings, for example behind a {@link FaultProxy}.
	 * @param server the server whose user and password it takes
	 * @param serverPort the port on localhost that its connections go to
	 * @param settings what is set in the section "pgbouncer" of its configuration
	 * @return a pooler that accepts connections
	 */
	public static PgBouncer start(PostgresServer server, int serverPort, Map<String, String> settings) {
		Path program = programs().findFirst()
			.orElseThrow(() -> new IllegalStateException("There is no program pgbouncer on this machine. "
					+ "Install it: apt-get install pgbouncer, or .ci/install-packages"));
		int port = FreePort.find();
		try {
			Path directory = Files.createTempDirectory("db-resilience-pgbouncer-");
			ServerAccount account = PostgresInstallation.shared().account();
			account.own(directory);
			Path file = directory.resolve("pgbouncer.ini");
			Files.write(file, configuration(server, serverPort, port, settings));
			account.own(file);
			Guard guard = Guard.start(account.command(List.of(program.toString(), file.toString())),
					directory.resolve("log"), directory);
			PgBouncer bouncer = new PgBouncer(port, directory, guard);
			bouncer.awaitStart();
			return bouncer;
		}
		catch (IOException ex) {
			throw new UncheckedIOException("Cannot make the directory of PgBouncer", ex);
		}
	}

	private static List<String> configuration(PostgresServer server, int serverPort, int port,
			Map<String, String> settings) {
		Map<String, String> all = new LinkedHashMap<>(
				Map.of("listen_addr", "127.0.0.1", "listen_port", Integer.toString(port), "unix_socket_dir", "",
						"auth_type", "any", "pool_mode", "transaction", "ignore_startup_parameters",
						"extra_float_digits", "max_client_conn", "500", "default_pool_size", "20"));
		all.putAll(settings);
		return Stream.concat(
				Stream.of("[databases]",
						"* = host=127.0.0.1 port=" + serverPort + " user=" + server.username() + " password="
								+ server.password(),
						"[pgbouncer]"),
				all.entrySet().stream().map((setting) -> setting.getKey() + " = " + setting.getValue()))
			.toList();
	}

	/** Debian has it where ordinary users do not look. */
	private static Stream<Path> programs() {
		return Stream.concat(Stream.of(System.getenv("PATH").split(":")), Stream.of("/usr/sbin", "/usr/local/sbin"))
			.map((directory) -> Path.of(directory, "pgbouncer"))
			.filter(Files::isExecutable);
	}

	private void awaitStart() {
		try {
			Postmaster.until("start of PgBouncer", () -> !Postmaster.isAlive(this.process) || isReady());
		}
		catch (RuntimeException ex) {
			close();
			throw ex;
		}
		if (!Postmaster.isAlive(this.process)) {
			String log = log();
			close();
			throw new IllegalStateException("PgBouncer did not start:\n" + log);
		}
	}

	/** The console "pgbouncer" needs no server. */
	private boolean isReady() {
		try {
			DriverManager
				.getConnection(jdbcUrl("pgbouncer") + "?preferQueryMode=simple&loginTimeout=1", "pgbouncer", "any")
				.close();
			return true;
		}
		catch (SQLException ex) {
			return !"08001".equals(ex.getSQLState());
		}
	}

	private String log() {
		try {
			return Files.readString(this.directory.resolve("log"));
		}
		catch (IOException ex) {
			return "(no log: " + ex.getMessage() + ")";
		}
	}

	/**
	 * {@return the port that clients connect to}
	 */
	public int port() {
		return this.port;
	}

	/**
	 * {@return the URL of the database "app" through the pooler, without parameters}
	 */
	public String jdbcUrl() {
		return jdbcUrl(PostgresInstallation.USER);
	}

	/**
	 * The URL of a database through the pooler.
	 * @param database its name
	 * @return a URL without credentials and without parameters
	 */
	public String jdbcUrl(String database) {
		return "jdbc:postgresql://localhost:" + this.port + "/" + database;
	}

	/**
	 * Kills the pooler with SIGKILL: clients lose their connections, and so does the
	 * server.
	 */
	public void kill() {
		Postmaster.signal("KILL", List.of(this.process));
		Postmaster.until("end of PgBouncer", () -> !Postmaster.isAlive(this.process));
	}

	/**
	 * Ends the pooler and removes its directory. A second call does nothing.
	 */
	@Override
	public void close() {
		kill();
		this.guard.release(TIMEOUT);
		try {
			FileSystemUtils.deleteRecursively(this.directory);
		}
		catch (IOException ex) {
			throw new UncheckedIOException("Cannot remove " + this.directory, ex);
		}
	}

}
