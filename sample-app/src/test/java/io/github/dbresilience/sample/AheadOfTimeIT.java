// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.sample;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import io.github.dbresilience.testing.TestDatabase;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The jar of the sample, processed ahead of time, starts and serves.
 */
class AheadOfTimeIT {

	private static final Pattern ADDRESS = Pattern.compile("Ready: .*?(http://localhost:\\d+)");

	@Test
	void theProcessedJarServesAndIsResilient() throws Exception {
		Path log = Files.createTempFile("ahead-of-time", ".log");
		try (TestDatabase database = TestDatabase.create()) {
			ProcessBuilder builder = new ProcessBuilder(
					Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Dspring.aot.enabled=true",
					"-jar", jar().toString(), "--server.port=0")
				.redirectErrorStream(true)
				.redirectOutput(log.toFile());
			builder.environment().put("DB_URL", database.jdbcUrl());
			builder.environment().put("DB_USER", database.username());
			builder.environment().put("DB_PASSWORD", database.password());
			Process process = builder.start();
			try {
				String base = address(process, log);
				assertThat(get(base + "/api/ledger/check")).contains("\"balanced\":true");
				assertThat(get(base + "/actuator/health")).contains("\"dbResilience\"").contains("\"dataSource\"");
				assertThat(get(base + "/actuator/prometheus")).contains("db_resilience_", "hikaricp_", "resilience4j_");
				assertThat(Files.readString(log)).contains("AOT-processed").doesNotContain(database.password());
			}
			finally {
				process.destroy();
				assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
			}
		}
		Files.delete(log);
	}

	private static Path jar() throws IOException {
		try (Stream<Path> files = Files.list(Path.of("target"))) {
			return files.filter((file) -> file.getFileName().toString().matches("db-resilience-sample-app-.*\\.jar"))
				.findFirst()
				.orElseThrow();
		}
	}

	private static String address(Process process, Path log) {
		return Awaitility.await().atMost(Duration.ofSeconds(60)).until(() -> {
			String output = Files.readString(log);
			assertThat(process.isAlive()).as(output).isTrue();
			Matcher matcher = ADDRESS.matcher(output);
			return matcher.find() ? matcher.group(1) : "";
		}, (address) -> !address.isEmpty());
	}

	private static String get(String uri) throws IOException, InterruptedException {
		return HttpClient.newHttpClient()
			.send(HttpRequest.newBuilder(URI.create(uri)).timeout(Duration.ofSeconds(30)).build(),
					HttpResponse.BodyHandlers.ofString())
			.body();
	}

}
