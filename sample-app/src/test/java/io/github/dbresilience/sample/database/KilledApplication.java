// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.sample.database;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * The main class of an application that starts an embedded server and is then gone
 * without a chance to stop it.
 */
final class KilledApplication {

	private KilledApplication() {
	}

	public static void main(String[] arguments) throws Exception {
		EmbeddedDatabase database = EmbeddedDatabase.start(EmbeddedServers.on(Path.of(arguments[0])));
		EmbeddedServers.execute(database, "update kept set answer = 43");
		Runtime.getRuntime().halt(137);
	}

	static int run(Path dataDirectory) throws IOException, InterruptedException {
		String classPath = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
		String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
		return new ProcessBuilder(
				List.of(java, "-cp", classPath, KilledApplication.class.getName(), dataDirectory.toString()))
			.redirectErrorStream(true)
			.redirectOutput(dataDirectory.resolveSibling("killed.log").toFile())
			.start()
			.waitFor();
	}

}
