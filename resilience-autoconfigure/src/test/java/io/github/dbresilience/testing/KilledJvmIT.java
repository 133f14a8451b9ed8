// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.testing;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Integration tests for the end of a JVM that has not closed its server.
 */
class KilledJvmIT {

	@Test
	void aKilledJvmLeavesNothing() throws Exception {
		Process jvm = startJvm();
		assertNothingIsLeftAfter(jvm, jvm::destroyForcibly);
	}

	@Test
	void aJvmThatEndsLeavesNothing() throws Exception {
		Process jvm = startJvm();
		assertNothingIsLeftAfter(jvm, () -> jvm.outputWriter().close());
	}

	private static Process startJvm() throws IOException {
		return new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-cp",
				System.getProperty("java.class.path"), Forgetful.class.getName())
			.redirectError(ProcessBuilder.Redirect.INHERIT)
			.start();
	}

	private static void assertNothingIsLeftAfter(Process jvm, Ending ending) throws Exception {
		try (BufferedReader reader = jvm.inputReader()) {
			String line = reader.readLine();
			while (!line.startsWith("server ")) {
				line = reader.readLine();
			}
			String[] words = line.split(" ", 3);
			ProcessHandle postmaster = ProcessHandle.of(Long.parseLong(words[1])).orElseThrow();
			assertThat(Path.of(words[2])).isDirectory();
			ending.end();
			Awaitility.await()
				.atMost(Duration.ofSeconds(20))
				.until(() -> !jvm.isAlive() && !postmaster.isAlive() && !Files.exists(Path.of(words[2])));
		}
		finally {
			jvm.destroyForcibly();
		}
	}

	@FunctionalInterface
	private interface Ending {

		void end() throws IOException;

	}

	/** Starts a server and ends, once its standard input does, without closing it. */
	static final class Forgetful {

		private Forgetful() {
		}

		public static void main(String[] args) throws IOException {
			@SuppressWarnings("resource")
			PostgresServer server = PostgresServer.create();
			System.out.println("server " + server.postmasterPid() + " " + server.dataDirectory().getParent());
			System.in.readAllBytes();
		}

	}

}
