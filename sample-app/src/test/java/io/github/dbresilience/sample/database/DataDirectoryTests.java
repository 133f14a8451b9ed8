// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.sample.database;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

class DataDirectoryTests {

	private final Path path;

	DataDirectoryTests(@TempDir Path directory) {
		this.path = directory.resolve("a").resolve("data");
	}

	@Test
	void aDirectoryThatIsNotThereIsMade() {
		assertThat(DataDirectory.at(this.path).isFilled()).isFalse();
		assertThat(this.path).isEmptyDirectory();
	}

	@Test
	void anEmptyDirectoryIsTaken() throws IOException {
		Files.createDirectories(this.path);
		assertThat(DataDirectory.at(this.path).isFilled()).isFalse();
	}

	@Test
	void aFileIsRefused() throws IOException {
		Files.createDirectories(this.path.getParent());
		Files.writeString(this.path, "text");
		assertUnusable("is a file, not a directory");
		assertThat(this.path).hasContent("text");
	}

	@Test
	void aPlaceWhereNothingCanBeMadeIsRefused() {
		assertThatExceptionOfType(DatabaseSetupException.class)
			.isThrownBy(() -> DataDirectory.at(Path.of("/dev/null/data")))
			.withMessageContaining("The data directory /dev/null/data cannot be made");
	}

	@Test
	void otherFilesAreRefusedAndLeftAlone() throws IOException {
		file("thesis.txt", "text");
		assertUnusable("is not empty and holds no data of PostgreSQL");
		assertThat(this.path.resolve("thesis.txt")).hasContent("text");
	}

	@Test
	void dataOfAnotherVersionIsRefused() throws IOException {
		file("PG_VERSION", "15\n");
		assertUnusable("holds data of PostgreSQL 15, and this application comes with PostgreSQL 17");
	}

	@Test
	void ownDataOfAnotherVersionCanOnlyBeThrownAway() throws IOException {
		file("PG_VERSION", "15\n");
		file("db-resilience-sample.lock", "");
		DataDirectory directory = DataDirectory.at(this.path);
		assertThatExceptionOfType(DatabaseSetupException.class).isThrownBy(directory::requireVersion)
			.withMessageContaining("holds data of PostgreSQL 15")
			.satisfies((ex) -> assertThat(ex.action()).contains("sample.embedded.clean=true"));
		directory.clean();
		assertThat(this.path).doesNotExist();
	}

	@Test
	void dataThatAnotherProgramMadeIsRefused() throws IOException {
		file("PG_VERSION", "17\n");
		assertUnusable("holds data of PostgreSQL that another program made");
	}

	@Test
	void ownDataIsTaken() throws IOException {
		file("PG_VERSION", "17\n");
		file("db-resilience-sample.lock", "");
		DataDirectory directory = DataDirectory.at(this.path);
		directory.requireVersion();
		assertThat(directory.isFilled()).isTrue();
	}

	private void file(String name, String content) throws IOException {
		Files.createDirectories(this.path);
		Files.writeString(this.path.resolve(name), content);
	}

	private void assertUnusable(String why) {
		assertThatExceptionOfType(DatabaseSetupException.class).isThrownBy(() -> DataDirectory.at(this.path))
			.withMessageContaining("The data directory " + this.path + " " + why)
			.satisfies((ex) -> assertThat(ex.action()).contains("sample.embedded.data-directory"));
	}

}
