// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.testing;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Runs an external program to its end. For programs that say little: what they print has
 * to fit the pipe (64 KiB), as it is read when they have ended.
 */
final class Command {

	private static final Duration TIMEOUT = Duration.ofSeconds(60);

	private Command() {
	}

	/**
	 * Runs a program.
	 * @param command the program and its arguments
	 * @return what it printed, without white space around it
	 * @throws IllegalStateException if it cannot be run, fails or does not end
	 */
	static String run(List<String> command) {
		return run(command, "");
	}

	/**
	 * Runs a program that reads its standard input.
	 * @param command the program and its arguments
	 * @param input what it reads
	 * @return what it printed, without white space around it
	 * @throws IllegalStateException if it cannot be run, fails or does not end
	 */
	static String run(List<String> command, String input) {
		try {
			Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
			return finish(process, command.get(0), input);
		}
		catch (IOException ex) {
			throw new IllegalStateException("Cannot run " + command.get(0) + ": " + ex.getMessage(), ex);
		}
	}

	private static String finish(Process process, String program, String input) throws IOException {
		try (var stdin = process.outputWriter(StandardCharsets.UTF_8)) {
			stdin.write(input);
		}
		if (!await(process, TIMEOUT)) {
			process.destroyForcibly();
			throw new IllegalStateException(program + " did not end within " + TIMEOUT.toSeconds() + " s");
		}
		String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
		if (process.exitValue() != 0) {
			throw new IllegalStateException(program + " failed with exit code " + process.exitValue() + ": " + output);
		}
		return output;
	}

	/**
	 * Waits for the end of a process.
	 * @param process the process
	 * @param timeout how long at most
	 * @return whether it has ended
	 */
	static boolean await(Process process, Duration timeout) {
		try {
			return process.waitFor(timeout.toMillis(), TimeUnit.MILLISECONDS);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new IllegalStateException("Interrupted while waiting for a process", ex);
		}
	}

}
