// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.sample.database;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Path;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.core.NestedExceptionUtils;

/**
 * A PostgreSQL of the application's own, for trying things out. It keeps its data between
 * starts, loses nothing that it acknowledged, listens on localhost only, and trusts
 * whoever connects from there: not for production.
 */
final class EmbeddedDatabase implements LedgerDatabase {

	private static final Logger log = LoggerFactory.getLogger(EmbeddedDatabase.class);

	private final EmbeddedPostgres server;

	private final DataDirectory directory;

	private final DirectoryLock lock;

	private final ServerOutput output;

	private EmbeddedDatabase(EmbeddedPostgres server, DataDirectory directory, DirectoryLock lock,
			ServerOutput output) {
		this.server = server;
		this.directory = directory;
		this.lock = lock;
		this.output = output;
	}

	/**
	 * Starts the server, and makes role and database if they are not there.
	 * @param settings where and how
	 * @return the running server
	 * @throws DatabaseSetupException if it cannot be started
	 */
	static EmbeddedDatabase start(EmbeddedProperties settings) {
		ServerProgram.requireStartable();
		DataDirectory directory = DataDirectory.at(settings.dataDirectory());
		DirectoryLock lock = new DirectoryLock(directory.path());
		ServerOutput output = new ServerOutput();
		try {
			prepare(directory, lock, settings);
			EmbeddedPostgres server = launch(directory.path(), lock, output, settings);
			LedgerSchemaOwner.create(server.getPostgresDatabase());
			return new EmbeddedDatabase(server, directory, lock, output);
		}
		catch (RuntimeException ex) {
			abandon(directory, lock, ex);
			output.close();
			throw ex;
		}
	}

	/** No server may outlive a start that failed. */
	private static void abandon(DataDirectory directory, DirectoryLock lock, RuntimeException failure) {
		try (lock) {
			if (lock.isHeld()) {
				new Postmaster(directory.path()).stop();
			}
		}
		catch (RuntimeException ex) {
			failure.addSuppressed(ex);
		}
	}

	private static void prepare(DataDirectory directory, DirectoryLock lock, EmbeddedProperties settings) {
		if (directory.isFilled()) {
			lock.take();
			new Postmaster(directory.path()).stop();
			if (settings.clean()) {
				lock.close();
				directory.clean();
			}
			else {
				directory.requireVersion();
				directory.closeToOthers();
			}
		}
		requireFree(settings.port());
	}

	private static void requireFree(int port) {
		try (ServerSocket socket = new ServerSocket()) {
			socket.setReuseAddress(true);
			socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
		}
		catch (IOException ex) {
			throw new DatabaseSetupException(
					"Port " + port + " for the embedded PostgreSQL is taken: " + ex.getMessage(),
					"Stop what listens there, or let sample.embedded.port name another port, 0 for a free one.", ex);
		}
	}

	private static EmbeddedPostgres launch(Path directory, DirectoryLock lock, ServerOutput output,
			EmbeddedProperties settings) {
		log.info("Starting embedded PostgreSQL in {}", directory);
		try {
			return EmbeddedPostgres.builder()
				.setPort(settings.port())
				.setDataDirectory(directory)
				.setOverrideWorkingDirectory(settings.binariesDirectory().toAbsolutePath().toFile())
				.setDataDirectoryCustomizer((filled) -> lock.take())
				.setCleanDataDirectory(false)
				.setRegisterShutdownHook(false)
				.setPGStartupWait(settings.startupTimeout())
				.setErrorRedirector(output.redirect())
				.setOutputRedirector(output.redirect())
				.setLocaleConfig("locale", "C")
				.setLocaleConfig("locale-provider", "builtin")
				.setLocaleConfig("builtin-locale", "C.UTF-8")
				// The library switches durability off unless told otherwise.
				.setServerConfig("fsync", "on")
				.setServerConfig("synchronous_commit", "on")
				.setServerConfig("unix_socket_directories", "")
				.setServerConfig("logging_collector", "on")
				.setServerConfig("log_filename", "postgresql-%a.log")
				.setServerConfig("log_truncate_on_rotation", "on")
				.start();
		}
		// The last one is how the library says that it cannot unpack the programs.
		catch (IOException | RuntimeException | ExceptionInInitializerError ex) {
			throw failed(ex, output);
		}
	}

	private static DatabaseSetupException failed(Throwable cause, ServerOutput output) {
		if (cause instanceof DatabaseSetupException known) {
			return known;
		}
		String said = output.tail();
		String why = !said.isBlank() ? "It said:" + System.lineSeparator() + said
				: String.valueOf(NestedExceptionUtils.getMostSpecificCause(cause).getMessage());
		return new DatabaseSetupException("The embedded PostgreSQL did not start. " + why,
				"Mend what it says; or start anew with sample.embedded.clean=true, which throws the data away; "
						+ "or use a server of yours by DB_HOST.",
				cause);
	}

	@Override
	public String getJdbcUrl() {
		return "jdbc:postgresql://localhost:" + this.server.getPort() + "/" + LedgerSchemaOwner.DATABASE;
	}

	@Override
	public String getUsername() {
		return LedgerSchemaOwner.ROLE;
	}

	@Override
	public @Nullable String getPassword() {
		return null;
	}

	@Override
	public String description() {
		return "embedded PostgreSQL at localhost:" + this.server.getPort() + ", database " + LedgerSchemaOwner.DATABASE
				+ ", user " + LedgerSchemaOwner.ROLE + ", data in " + this.directory;
	}

	@Override
	public void close() {
		try {
			if (new Postmaster(this.directory.path()).isRunning()) {
				log.info("Stopping embedded PostgreSQL");
				this.server.close();
			}
			else {
				log.warn("Embedded PostgreSQL is gone already");
			}
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		finally {
			this.lock.close();
			this.output.close();
		}
	}

	@Override
	public String toString() {
		return description();
	}

}
