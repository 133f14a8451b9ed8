// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.sample.database;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The process that a data directory's {@code postmaster.pid} names. An application that
 * was killed leaves its server behind. It is stopped rather than adopted: it may run on
 * another port and with other settings than wanted, and a new one takes a second.
 */
final class Postmaster {

	private static final Logger log = LoggerFactory.getLogger(Postmaster.class);

	private final Path dataDirectory;

	Postmaster(Path dataDirectory) {
		this.dataDirectory = dataDirectory;
	}

	/**
	 * Stops the server that still runs on the data directory, if there is one. Only for
	 * who holds the {@link DirectoryLock}: then the server is nobody else's.
	 */
	void stop() {
		Path pidFile = pidFile();
		Optional<ProcessHandle> process = process(pidFile);
		if (process.isEmpty()) {
			return;
		}
		long pid = process.get().pid();
		Path program = process.get()
			.info()
			.command()
			.map(Path::of)
			.orElseThrow(() -> new DatabaseSetupException(
					pidFile + " names process " + pid + ", and what that process is cannot be found out.",
					"If it is no PostgreSQL, delete the file. If it is, stop it."));
		if (!program.getFileName().toString().startsWith("postgres")) {
			log.info("Process {} of {} is not PostgreSQL but {}: the server is gone", pid, pidFile, program);
			delete(pidFile);
			return;
		}
		log.warn("Stopping PostgreSQL with process id {}, which runs without its application", pid);
		new ServerProgram(program.resolveSibling("pg_ctl"))
			.run(List.of("stop", "-D", this.dataDirectory.toString(), "-m", "fast", "-w", "-t", "60"));
	}

	/**
	 * Whether the process that the server noted down is there.
	 * @return {@code false} if there is no server
	 */
	boolean isRunning() {
		return process(pidFile()).isPresent();
	}

	private Path pidFile() {
		return this.dataDirectory.resolve("postmaster.pid");
	}

	private static Optional<ProcessHandle> process(Path pidFile) {
		try (var lines = Files.lines(pidFile)) {
			return lines.findFirst()
				.map(String::strip)
				.map(Long::valueOf)
				.flatMap(ProcessHandle::of)
				.filter(ProcessHandle::isAlive);
		}
		catch (IOException | NumberFormatException ex) {
			return Optional.empty();
		}
	}

	private static void delete(Path pidFile) {
		try {
			Files.delete(pidFile);
		}
		catch (IOException ex) {
			throw new DatabaseSetupException(pidFile + " is left over and cannot be deleted: " + ex.getMessage(),
					"Delete it.", ex);
		}
	}

}
