// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

import org.springframework.util.FileSystemUtils;

/**
 * The directory of one server: its data, its log and, with TLS, its certificate.
 *
 * @param root the directory
 */
record ServerDirectory(Path root) {

	private static final Log logger = LogFactory.getLog(ServerDirectory.class);

	/** The administrator gets in whatever the rules of a test say. */
	private static final List<String> ADMIN_RULES = List.of(
			"host all " + PostgresInstallation.ADMIN + " samehost scram-sha-256",
			"host replication " + PostgresInstallation.ADMIN + " samehost scram-sha-256");

	static ServerDirectory create(PostgresInstallation installation, ServerOptions options) {
		try {
			ServerDirectory directory = new ServerDirectory(Files.createTempDirectory("db-resilience-server-"));
			try {
				directory.fill(installation, options);
				return directory;
			}
			catch (IOException | RuntimeException ex) {
				directory.remove();
				throw ex;
			}
		}
		catch (IOException ex) {
			throw new UncheckedIOException("Cannot make the directory of a PostgreSQL server", ex);
		}
	}

	private void fill(PostgresInstallation installation, ServerOptions options) throws IOException {
		installation.account().own(this.root);
		installation.copyTemplate(data());
		if (options.tls() == ServerOptions.Tls.ON) {
			ServerCertificate.write(certificate(), key(), installation.account());
		}
		List<String> rules = new ArrayList<>(ADMIN_RULES);
		rules.addAll(options.rules());
		Files.write(data().resolve("pg_hba.conf"), rules);
		Files.write(data().resolve("postgresql.conf"), lines(settings(options)), StandardOpenOption.APPEND);
	}

	private static List<String> lines(Map<String, String> settings) {
		List<String> lines = new ArrayList<>();
		settings.forEach((name, value) -> lines.add(name + " = '" + value.replace("'", "''") + "'"));
		return lines;
	}

	/**
	 * Makes the data of a standby in place of the old data. The server is down.
	 * @param primary the server to copy
	 * @param settings the settings in which it differs from the primary
	 */
	void replaceData(PostgresServer primary, Map<String, String> settings) {
		removeSharedMemory();
		try {
			BaseBackup.take(primary, data());
			ServerAccount account = PostgresInstallation.shared().account();
			Files.write(data().resolve("postgresql.auto.conf"), lines(settings));
			account.own(Files.createFile(data().resolve("standby.signal")));
		}
		catch (IOException ex) {
			throw new UncheckedIOException("Cannot make the data of a standby", ex);
		}
	}

	private Map<String, String> settings(ServerOptions options) {
		Map<String, String> settings = new LinkedHashMap<>();
		settings.put("fsync", "on");
		settings.put("synchronous_commit", "on");
		settings.put("listen_addresses", "localhost");
		settings.put("unix_socket_directories", "");
		// Files in the data directory: nothing is left in /dev/shm by a killed server.
		settings.put("dynamic_shared_memory_type", "mmap");
		settings.put("log_line_prefix", "%m [%p] %q%u@%d %a ");
		if (options.tls() == ServerOptions.Tls.ON) {
			settings.put("ssl", "on");
			settings.put("ssl_cert_file", certificate().toString());
			settings.put("ssl_key_file", key().toString());
		}
		settings.putAll(options.settings());
		settings.put("port", Integer.toString(options.port()));
		return settings;
	}

	Path data() {
		return this.root.resolve("data");
	}

	Path log() {
		return this.root.resolve("log");
	}

	Path certificate() {
		return this.root.resolve("server.crt");
	}

	private Path key() {
		return this.root.resolve("server.key");
	}

	/**
	 * Whether the postmaster has noted that it accepts connections, as pg_ctl finds out.
	 * @param pid the postmaster, as the file of a killed one may still be there
	 * @return whether it is ready
	 */
	boolean isReady(long pid) {
		List<String> lines = pidFile();
		return lines.size() >= 8 && lines.get(0).strip().equals(Long.toString(pid))
				&& List.of("ready", "standby").contains(lines.get(7).strip());
	}

	/** The lines of postmaster.pid, none if it is not there. */
	private List<String> pidFile() {
		try {
			return Files.readAllLines(data().resolve("postmaster.pid"));
		}
		catch (IOException ex) {
			return List.of();
		}
	}

	String logTail() {
		try {
			List<String> lines = Files.readAllLines(log());
			return String.join("\n", lines.subList(Math.max(0, lines.size() - 20), lines.size()));
		}
		catch (IOException ex) {
			return "(no log: " + ex.getMessage() + ")";
		}
	}

	/**
	 * Removes the directory of a server that does not run.
	 */
	void remove() {
		removeSharedMemory();
		try {
			FileSystemUtils.deleteRecursively(this.root);
		}
		catch (IOException ex) {
			throw new UncheckedIOException("Cannot remove " + this.root, ex);
		}
	}

	/**
	 * A killed server leaves its postmaster.pid, and the segment of System V shared
	 * memory that is named there and that its next start would have removed.
	 */
	private void removeSharedMemory() {
		List<String> lines = pidFile();
		if (lines.size() < 7) {
			return;
		}
		String segment = lines.get(6).strip().replaceFirst(".*\\s", "");
		try {
			Command.run(List.of("ipcrm", "-m", segment));
		}
		catch (IllegalStateException ex) {
			logger.debug("Could not remove segment " + segment + " of shared memory", ex);
		}
	}

}
