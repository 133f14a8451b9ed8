// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.sample.database;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * What the server's programs print until the server writes its own log: it says why a
 * start failed.
 */
final class ServerOutput implements AutoCloseable {

	private static final int LAST_LINES = 10;

	private final Path file;

	ServerOutput() {
		try {
			this.file = Files.createTempFile("db-resilience-sample", ".log");
		}
		catch (IOException ex) {
			throw new DatabaseSetupException("No temporary file can be made: " + ex.getMessage(),
					"Free some space, or let java.io.tmpdir name a directory that is writable.", ex);
		}
	}

	ProcessBuilder.Redirect redirect() {
		return ProcessBuilder.Redirect.appendTo(this.file.toFile());
	}

	/**
	 * The last lines.
	 * @return up to ten lines
	 */
	String tail() {
		try {
			List<String> lines = Files.readAllLines(this.file);
			return String.join(System.lineSeparator(),
					lines.subList(Math.max(0, lines.size() - LAST_LINES), lines.size()));
		}
		catch (IOException ex) {
			return "(its output cannot be read: " + ex.getMessage() + ")";
		}
	}

	@Override
	public void close() {
		try {
			Files.deleteIfExists(this.file);
		}
		catch (IOException ex) {
			this.file.toFile().deleteOnExit();
		}
	}

}
