// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.testing;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Set;

import org.jspecify.annotations.Nullable;

/**
 * A copy of the data of a running server, as pg_basebackup would make it: that program is
 * not among the embedded ones. The WAL is left for the standby to fetch. Most files are
 * as they were in the template: in an older copy those are not touched.
 */
final class BaseBackup extends SimpleFileVisitor<Path> {

	/** Directories whose content is of no use in a copy (protocol manual, 25.3.4). */
	private static final Set<String> EMPTY = Set.of("pg_wal", "pg_replslot", "pg_dynshmem", "pg_notify", "pg_serial",
			"pg_snapshots", "pg_stat_tmp", "pg_subtrans");

	private static final Set<String> OMITTED = Set.of("postmaster.pid", "postmaster.opts", "standby.signal",
			"backup_label.old");

	private final Path source;

	private final Path target;

	private BaseBackup(Path source, Path target) {
		this.source = source;
		this.target = target;
	}

	/**
	 * Copies the data.
	 * @param server a running primary
	 * @param target where to: another copy of the template, whatever became of it
	 * @throws IOException if a file cannot be copied
	 */
	static void take(PostgresServer server, Path target) throws IOException {
		try (Connection connection = server.connect(); Statement statement = connection.createStatement()) {
			statement.execute("select pg_backup_start('standby', fast => true)");
			Files.walkFileTree(target, new Cleaner(server.dataDirectory(), target));
			Files.walkFileTree(server.dataDirectory(), new BaseBackup(server.dataDirectory(), target));
			try (ResultSet result = statement
				.executeQuery("select labelfile from pg_backup_stop(wait_for_archive => false)")) {
				result.next();
				Path label = Files.writeString(target.resolve("backup_label"), result.getString(1));
				PostgresInstallation.shared().account().own(label);
			}
		}
		catch (SQLException ex) {
			throw new IllegalStateException("The server on port " + server.port() + " cannot be copied", ex);
		}
	}

	@Override
	public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes) throws IOException {
		copy(directory);
		return EMPTY.contains(this.source.relativize(directory).toString()) ? FileVisitResult.SKIP_SUBTREE
				: FileVisitResult.CONTINUE;
	}

	@Override
	public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
		if (!OMITTED.contains(this.source.relativize(file).toString())) {
			copy(file);
		}
		return FileVisitResult.CONTINUE;
	}

	@Override
	public FileVisitResult visitFileFailed(Path file, IOException failure) throws IOException {
		if (failure instanceof NoSuchFileException) {
			return FileVisitResult.CONTINUE;
		}
		throw failure;
	}

	private void copy(Path path) throws IOException {
		Path copy = this.target.resolve(this.source.relativize(path));
		try {
			if (!Files.exists(copy)) {
				Files.copy(path, copy, StandardCopyOption.COPY_ATTRIBUTES);
			}
		}
		catch (NoSuchFileException ex) {
			// Removed by the server meanwhile; its WAL tells.
		}
	}

	/** Removes from an older copy all that is not as in the template on both sides. */
	private static final class Cleaner extends SimpleFileVisitor<Path> {

		private final FileTime template = PostgresInstallation.shared().templateTime();

		private final Path source;

		private final Path target;

		Cleaner(Path source, Path target) {
			this.source = source;
			this.target = target;
		}

		@Override
		public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
			Path relative = this.target.relativize(file);
			if (EMPTY.contains(relative.getName(0).toString()) || !isUntouched(relative, attributes)) {
				Files.delete(file);
			}
			return FileVisitResult.CONTINUE;
		}

		private boolean isUntouched(Path relative, BasicFileAttributes copy) throws IOException {
			try {
				BasicFileAttributes original = Files.readAttributes(this.source.resolve(relative),
						BasicFileAttributes.class);
				return original.lastModifiedTime().equals(copy.lastModifiedTime()) && original.size() == copy.size()
						&& copy.lastModifiedTime().compareTo(this.template) < 0;
			}
			catch (NoSuchFileException ex) {
				return false;
			}
		}

		@Override
		public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException failure) throws IOException {
			Path relative = this.target.relativize(directory);
			if (!Files.exists(this.source.resolve(relative))
					|| relative.getNameCount() > 1 && EMPTY.contains(relative.getName(0).toString())) {
				Files.delete(directory);
			}
			return FileVisitResult.CONTINUE;
		}

	}

}
