// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.testing;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * A shell between this JVM and a server, so that a killed JVM leaves nothing behind: the
 * end of its standard input is the end of the JVM, whatever the reason, and makes it end
 * the server and remove the directory. It is the server's parent and so the only one who
 * can reap it; PostgreSQL takes an unreaped postmaster for a running one.
 */
final class Guard {

	private static final String SCRIPT = """
			log=$1 directory=$2
			shift 2
			trap '' HUP INT TERM
			if [ $# -gt 0 ]; then
				"$@" </dev/null >>"$log" 2>&1 &
			fi
			server=$!
			echo "$server"
			if read -r _; then
				wait
				exit
			fi
			if [ -n "$server" ]; then
				kill -s QUIT "$server"
				kill -s CONT "$server"
				wait
			fi
			rm -rf -- "$directory"
			""";

	private final Process process;

	private final long serverPid;

	private Guard(Process process, long serverPid) {
		this.process = process;
		this.serverPid = serverPid;
	}

	/**
	 * Starts a server.
	 * @param command the server, which stays in the foreground
	 * @param log the file to which it writes
	 * @param directory what to remove when this JVM ends
	 * @return its guard
	 */
	static Guard start(List<String> command, Path log, Path directory) {
		Process process = shell(command, log, directory);
		return new Guard(process, Long.parseLong(firstLine(process)));
	}

	/**
	 * Guards a directory without a server.
	 * @param directory what to remove when this JVM ends
	 * @return its guard, to be kept as long as the directory
	 */
	static Guard start(Path directory) {
		return new Guard(shell(List.of(), directory, directory), -1);
	}

	private static Process shell(List<String> command, Path log, Path directory) {
		List<String> shell = new ArrayList<>(
				List.of("sh", "-c", SCRIPT, "guard", log.toString(), directory.toString()));
		shell.addAll(command);
		try {
			return new ProcessBuilder(shell).redirectError(ProcessBuilder.Redirect.DISCARD).start();
		}
		catch (IOException ex) {
			throw new IllegalStateException("Test servers need a POSIX shell: " + ex.getMessage(), ex);
		}
	}

	private static String firstLine(Process process) {
		try (BufferedReader reader = new BufferedReader(
				new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
			return String.valueOf(reader.readLine());
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	long serverPid() {
		return this.serverPid;
	}

	/**
	 * Lets the guard go once the server has been told to end.
	 * @param timeout how long to wait for the server's end
	 * @return whether the server has ended and was reaped
	 */
	boolean release(Duration timeout) {
		try {
			this.process.getOutputStream().write('\n');
			this.process.getOutputStream().close();
		}
		catch (IOException ex) {
			// The guard has ended already.
		}
		return Command.await(this.process, timeout);
	}

}
