// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.sample.database;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

import io.zonky.test.db.postgres.util.LinuxUtils;
import org.jspecify.annotations.Nullable;

/**
 * A program of the embedded server, run as its owner.
 */
final class ServerProgram {

	private final Path program;

	ServerProgram(Path program) {
		this.program = program;
	}

	/**
	 * PostgreSQL does not run as root. Where this application does, the server is started
	 * in a user namespace of its own, in which it is nobody.
	 * @throws DatabaseSetupException if root may not make such a namespace
	 */
	static void requireStartable() {
		if ("root".equals(System.getProperty("user.name")) && !LinuxUtils.isUnshareAvailable()) {
			throw new DatabaseSetupException(
					"The application runs as root, as which PostgreSQL does not start, and 'unshare -U' is refused here.",
					"Run the application as another user; or allow user namespaces (in Docker for example by "
							+ "--security-opt seccomp=unconfined); or use a server of yours by DB_HOST.");
		}
	}

	void run(List<String> arguments) {
		List<String> command = new ArrayList<>();
		if (LinuxUtils.isUnshareAvailable()) {
			command.addAll(List.of("unshare", "-U"));
		}
		command.add(this.program.toString());
		command.addAll(arguments);
		try {
			Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
			process.getOutputStream().close();
			String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
			if (process.waitFor() != 0) {
				throw failed(output, null);
			}
		}
		catch (IOException ex) {
			throw failed(String.valueOf(ex.getMessage()), ex);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw failed("interrupted", ex);
		}
	}

	private DatabaseSetupException failed(String output, @Nullable Throwable cause) {
		return new DatabaseSetupException(this.program.getFileName() + " failed: " + output.strip(),
				"Look for a process of PostgreSQL that hangs, and stop it.", cause);
	}

}
