// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.sample;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ConfigurableApplicationContext;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

/**
 * The whole application, started as a user starts it.
 */
@ExtendWith(OutputCaptureExtension.class)
class SampleStartIT {

	private final Path directory;

	SampleStartIT(@TempDir Path directory) {
		this.directory = directory;
	}

	@Test
	void withoutAServerItStartsOneAndSaysInOneLineWhereToLook(CapturedOutput output) {
		try (ConfigurableApplicationContext context = start("--server.port=0")) {
			String port = context.getEnvironment().getProperty("local.server.port");
			String base = "http://localhost:" + port;
			assertThat(output.getOut().lines().filter((line) -> line.contains("Ready: "))).singleElement()
				.asString()
				.contains(base + "/api/accounts", base + "/actuator/health", base + "/actuator/prometheus")
				.contains("embedded PostgreSQL at localhost:", this.directory.resolve("data").toString());
			new Api(Integer.parseInt(String.valueOf(port))).assertBalanced();
		}
		assertThat(output).contains("Stopping embedded PostgreSQL");
		assertThat(output.getOut().indexOf("Shutdown completed")).as("pool first")
			.isPositive()
			.isLessThan(output.getOut().indexOf("Stopping embedded PostgreSQL"));
		assertThat(this.directory.resolve("data").resolve("postmaster.pid")).doesNotExist();
	}

	@Test
	void aDirectoryThatCannotBeUsedIsExplained(CapturedOutput output) throws Exception {
		Files.writeString(this.directory.resolve("data"), "a file");
		assertExplained(output, "is a file, not a directory", "--server.port=0");
	}

	@Test
	void anHttpPortThatIsTakenIsExplainedAndLeavesNoServer(CapturedOutput output) throws Exception {
		try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
			assertExplained(output, "Port " + taken.getLocalPort() + " was already in use",
					"--server.port=" + taken.getLocalPort());
		}
		assertThat(this.directory.resolve("data").resolve("postmaster.pid")).doesNotExist();
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', textBlock = """
			--DB_URL=postgres://ann:hunter2@db/ledger | | not a JDBC URL of PostgreSQL
			--DB_URL=jdbc:postgresql://db/ledger | --DB_HOST=db | Both DB_URL and DB_HOST are set
			--DB_HOST=db | --DB_PASSWORD=hunter2 | not the user to log in as
			--DB_HOST=db | --DB_PORT=http | which is not a port
			""")
	void aWrongCombinationIsExplainedWithoutItsSecrets(String first, String second, String why, CapturedOutput output) {
		assertExplained(output, why, first, String.valueOf(second), "--server.port=0");
		assertThat(output.getAll()).doesNotContain("hunter2");
		assertThat(this.directory).isEmptyDirectory();
	}

	private void assertExplained(CapturedOutput output, String why, String... arguments) {
		assertThat(catchThrowable(() -> start(arguments))).isNotNull();
		assertThat(output.getOut()).contains("APPLICATION FAILED TO START", "Description:", why, "Action:")
			.doesNotContain("\tat ");
	}

	private ConfigurableApplicationContext start(String... arguments) {
		String[] all = Stream.concat(Stream.of(arguments),
				Stream.of("--spring.main.banner-mode=off",
						"--sample.embedded.data-directory=" + this.directory.resolve("data"),
						"--sample.embedded.binaries-directory=target/embedded-postgresql"))
			.toArray(String[]::new);
		return SpringApplication.run(SampleApplication.class, all);
	}

}
