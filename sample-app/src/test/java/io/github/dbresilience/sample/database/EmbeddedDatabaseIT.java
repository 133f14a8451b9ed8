// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.sample.database;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.util.FileSystemUtils;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Most of these tests begin on a copy of data with the table {@code kept}.
 */
@ExtendWith(OutputCaptureExtension.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class EmbeddedDatabaseIT {

	private Path template;

	private Path data;

	@BeforeAll
	void makeData(@TempDir Path directory) throws Exception {
		this.template = directory.resolve("template");
		try (EmbeddedDatabase database = EmbeddedDatabase.start(EmbeddedServers.on(this.template))) {
			EmbeddedServers.execute(database, "create table kept as select 42 as answer");
		}
	}

	@BeforeEach
	void copyData(@TempDir Path directory) throws IOException {
		this.data = directory.resolve("data of mine");
		FileSystemUtils.copyRecursively(this.template, this.data);
	}

	@Test
	void itIsDurableAndOfTheExpectedVersionAndItsUserIsNoSuperuser() throws Exception {
		try (EmbeddedDatabase database = start()) {
			assertThat(EmbeddedServers.query(database, "show fsync")).isEqualTo("on");
			assertThat(EmbeddedServers.query(database, "show synchronous_commit")).isEqualTo("on");
			assertThat(EmbeddedServers.query(database, "show server_version"))
				.startsWith(DataDirectory.POSTGRESQL_VERSION + ".");
			assertThat(EmbeddedServers.query(database, "select rolsuper from pg_roles where rolname = current_user"))
				.isEqualTo("f");
			assertThat(EmbeddedServers.query(database, "select lower('ÄÉ') || current_database()"))
				.isEqualTo("äéledger");
			assertThat(database.description()).contains(this.data.toString()).contains("ledger");
		}
	}

	@Test
	void itKeepsItsDataAndLeavesNoProcess() throws Exception {
		try (EmbeddedDatabase database = start()) {
			EmbeddedServers.execute(database, "update kept set answer = 43");
		}
		assertThat(this.data.resolve("postmaster.pid")).doesNotExist();
		try (EmbeddedDatabase database = start()) {
			assertThat(EmbeddedServers.query(database, "select answer from kept")).isEqualTo("43");
		}
	}

	@Test
	void cleanThrowsTheDataAway() throws Exception {
		try (EmbeddedDatabase database = EmbeddedDatabase.start(EmbeddedServers.on(this.data, 0, true))) {
			assertThat(EmbeddedServers.query(database, "select to_regclass('kept')")).isEqualTo("null");
		}
	}

	@Test
	void aServerThatAKilledApplicationLeftBehindIsStoppedAndItsDataKept(CapturedOutput output) throws Exception {
		assertThat(KilledApplication.run(this.data)).isEqualTo(137);
		long pid = pid();
		assertThat(ProcessHandle.of(pid)).as("left behind").isPresent();
		try (EmbeddedDatabase database = start()) {
			assertThat(output).contains("Stopping PostgreSQL with process id " + pid);
			Awaitility.await().until(() -> ProcessHandle.of(pid).filter(ProcessHandle::isAlive).isEmpty());
			assertThat(pid()).isNotEqualTo(pid);
			assertThat(EmbeddedServers.query(database, "select answer from kept")).isEqualTo("43");
		}
	}

	@Test
	void aProcessIdThatNowBelongsToAnotherProgramIsNoServer(CapturedOutput output) throws Exception {
		Files.writeString(this.data.resolve("postmaster.pid"), ProcessHandle.current().pid() + "\n");
		try (EmbeddedDatabase database = start()) {
			assertThat(output).contains("is not PostgreSQL");
			assertThat(EmbeddedServers.query(database, "select answer from kept")).isEqualTo("42");
		}
	}

	@Test
	void aDirectoryInUseIsRefusedAndItsServerLeftAlone() throws Exception {
		try (EmbeddedDatabase database = start()) {
			assertThatExceptionOfType(DatabaseSetupException.class).isThrownBy(this::start)
				.withMessageContaining("is in use by the application with process id " + ProcessHandle.current().pid());
			assertThatExceptionOfType(DatabaseSetupException.class)
				.isThrownBy(() -> EmbeddedDatabase.start(EmbeddedServers.on(this.data, 0, true)));
			assertThat(EmbeddedServers.query(database, "select 1")).isEqualTo("1");
		}
	}

	@Test
	void aPortThatIsTakenIsRefusedBeforeAnythingIsMade() throws IOException {
		try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
			EmbeddedProperties properties = EmbeddedServers.on(this.data, taken.getLocalPort(), false);
			assertThatExceptionOfType(DatabaseSetupException.class).isThrownBy(() -> EmbeddedDatabase.start(properties))
				.withMessageContaining("Port " + taken.getLocalPort() + " for the embedded PostgreSQL is taken")
				.satisfies((ex) -> assertThat(ex.action()).contains("sample.embedded.port"));
		}
		assertThat(this.data.resolve("postmaster.pid")).doesNotExist();
	}

	@Test
	void aServerThatCannotStartSaysWhyAndLeavesNoProcess() throws Exception {
		Files.writeString(this.data.resolve("postgresql.conf"), "no_such_setting = 1\n");
		EmbeddedProperties impatient = new EmbeddedProperties(this.data, Path.of("target", "embedded-postgresql"), 0,
				false, Duration.ofSeconds(2));
		assertThatExceptionOfType(DatabaseSetupException.class).isThrownBy(() -> EmbeddedDatabase.start(impatient))
			.withMessageContaining("unrecognized configuration parameter \"no_such_setting\"");
		assertThat(this.data.resolve("postmaster.pid")).doesNotExist();
	}

	@Test
	void aServerThatDiedByItselfDoesNotHinderTheEndOfTheApplication(CapturedOutput output) throws Exception {
		EmbeddedDatabase database = start();
		ProcessHandle.of(pid()).ifPresent(ProcessHandle::destroyForcibly);
		Awaitility.await().until(() -> ProcessHandle.of(pid()).filter(ProcessHandle::isAlive).isEmpty());
		database.close();
		assertThat(output).contains("gone already").doesNotContain("Could not stop");
	}

	private EmbeddedDatabase start() {
		return EmbeddedDatabase.start(EmbeddedServers.on(this.data));
	}

	private long pid() throws IOException {
		return Long.parseLong(Files.readAllLines(this.data.resolve("postmaster.pid")).get(0).strip());
	}

}
