// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.sample.database;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.stream.Stream;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.util.FileSystemUtils;

/**
 * The directory where the embedded server keeps its data. Nothing is ever deleted from a
 * directory that this application did not fill.
 *
 * @param path where it is
 */
record DataDirectory(Path path) {

	/** The major version of the programs that come with the application. */
	static final String POSTGRESQL_VERSION = "17";

	private static final Logger log = LoggerFactory.getLogger(DataDirectory.class);

	private static final String CHOOSE_ANOTHER = "Let sample.embedded.data-directory name a directory that is empty or "
			+ "does not exist, or use a server of yours by DB_HOST.";

	/**
	 * Checks that the directory can be used, and makes it if it is not there.
	 * @param path where it is to be
	 * @return the directory
	 * @throws DatabaseSetupException if it cannot be used
	 */
	static DataDirectory at(Path path) {
		DataDirectory directory = new DataDirectory(path.toAbsolutePath().normalize());
		directory.requireUsable();
		return directory;
	}

	private void requireUsable() {
		if (Files.exists(this.path) && !Files.isDirectory(this.path)) {
			throw unusable("is a file, not a directory");
		}
		try {
			Files.createDirectories(this.path);
		}
		catch (IOException ex) {
			throw new DatabaseSetupException(
					"The data directory " + this.path + " cannot be made: " + describe(ex) + ".", CHOOSE_ANOTHER, ex);
		}
		if (!Files.isWritable(this.path)) {
			throw unusable("is not writable");
		}
		if (!isEmpty()) {
			requireOurs();
		}
	}

	private void requireOurs() {
		if (!Files.exists(versionFile())) {
			throw unusable("is not empty and holds no data of PostgreSQL");
		}
		if (!Files.exists(DirectoryLock.file(this.path))) {
			requireVersion();
			throw unusable("holds data of PostgreSQL that another program made, or that was only made half");
		}
	}

	/**
	 * Checks that the data is of the version that the application comes with.
	 * @throws DatabaseSetupException if it is not
	 */
	void requireVersion() {
		String version = read(versionFile()).strip();
		if (!version.equals(POSTGRESQL_VERSION)) {
			throw new DatabaseSetupException(
					"The data directory " + this.path + " holds data of PostgreSQL " + version
							+ ", and this application comes with PostgreSQL " + POSTGRESQL_VERSION + ".",
					CHOOSE_ANOTHER + " If the data is this application's, sample.embedded.clean=true throws it away.");
		}
	}

	/** PostgreSQL does not start on data that others can read, as copied data may be. */
	void closeToOthers() {
		try {
			Files.setPosixFilePermissions(this.path, PosixFilePermissions.fromString("rwx------"));
		}
		catch (IOException ex) {
			throw new DatabaseSetupException(
					"The data directory " + this.path + " cannot be closed to other users: " + describe(ex) + ".",
					"Make its owner the user who runs the application.", ex);
		}
	}

	private Path versionFile() {
		return this.path.resolve("PG_VERSION");
	}

	/**
	 * Whether there is a cluster already.
	 * @return {@code false} before the first start
	 */
	boolean isFilled() {
		return !isEmpty();
	}

	void clean() {
		log.info("Throwing away the data in {}, as sample.embedded.clean says", this.path);
		try {
			FileSystemUtils.deleteRecursively(this.path);
		}
		catch (IOException ex) {
			throw new DatabaseSetupException("The data directory " + this.path + " cannot be cleaned: " + describe(ex),
					"Delete it yourself.", ex);
		}
	}

	private boolean isEmpty() {
		try (Stream<Path> content = Files.list(this.path)) {
			return content.findAny().isEmpty();
		}
		catch (IOException ex) {
			throw new DatabaseSetupException("The data directory " + this.path + " cannot be read: " + describe(ex),
					CHOOSE_ANOTHER, ex);
		}
	}

	private String read(Path file) {
		try {
			return Files.readString(file);
		}
		catch (IOException ex) {
			throw new DatabaseSetupException("The file " + file + " cannot be read: " + describe(ex), CHOOSE_ANOTHER,
					ex);
		}
	}

	private DatabaseSetupException unusable(String why) {
		return new DatabaseSetupException("The data directory " + this.path + " " + why + ".", CHOOSE_ANOTHER);
	}

	private static String describe(IOException failure) {
		return failure.getClass().getSimpleName() + ", " + failure.getMessage();
	}

	@Override
	public String toString() {
		return this.path.toString();
	}

}
