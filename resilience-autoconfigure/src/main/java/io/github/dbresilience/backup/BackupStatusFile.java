// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.backup;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;

import org.jspecify.annotations.Nullable;

/**
 * The status file of the backup scripts (version 1). It is read again when it has
 * changed, and looked at not more than once a second. A file that is of no use is told as
 * a problem, never thrown. Only a regular file is opened, so a directory or a pipe does
 * no harm; symbolic links are followed. Thread-safe.
 */
public final class BackupStatusFile {

	private static final int MAX_BYTES = 1024 * 1024;

	private static final Duration MIN_INTERVAL = Duration.ofSeconds(1);

	private final Path file;

	private final Clock clock;

	private final ReentrantLock lock = new ReentrantLock();

	private volatile @Nullable BackupStatus last;

	private @Nullable Stamp stamp;

	/**
	 * Creates the reader; the file need not exist yet.
	 * @param file the file, or a symbolic link to it
	 * @param clock the time
	 */
	public BackupStatusFile(Path file, Clock clock) {
		this.file = file.toAbsolutePath();
		this.clock = clock;
	}

	/**
	 * What the scripts have told last. May take as long as the file system does, but
	 * while one thread waits for it the others get what was read before.
	 * @return the status, with a problem if the file is of no use
	 */
	public BackupStatus read() {
		BackupStatus before = this.last;
		if (before != null && isFresh(before, this.clock.instant())) {
			return before;
		}
		if (before == null) {
			this.lock.lock();
		}
		else if (!this.lock.tryLock()) {
			return before;
		}
		try {
			BackupStatus now = look(this.last, this.clock.instant());
			this.last = now;
			return now;
		}
		finally {
			this.lock.unlock();
		}
	}

	private static boolean isFresh(BackupStatus status, Instant now) {
		Duration age = Duration.between(status.readAt(), now);
		return !age.isNegative() && age.compareTo(MIN_INTERVAL) < 0;
	}

	private BackupStatus look(@Nullable BackupStatus before, Instant now) {
		if (before != null && isFresh(before, now)) {
			return before;
		}
		try {
			BasicFileAttributes attributes = attributes();
			Stamp found = new Stamp(attributes.lastModifiedTime(), attributes.size(), attributes.fileKey());
			if (before != null && before.problem() == null && found.equals(this.stamp)) {
				return new BackupStatus(now, before.updatedAt(), null, before.runs());
			}
			StatusDocument document = StatusDocument.parse(content(), now);
			this.stamp = found;
			return new BackupStatus(now, document.updatedAt(), null, document.runs());
		}
		catch (UnusableStatusException ex) {
			return unusable(now, ex.why());
		}
		catch (NoSuchFileException ex) {
			return unusable(now, "it does not exist; check db.resilience.backup.status-file and whether the "
					+ "backup scripts have run");
		}
		catch (AccessDeniedException ex) {
			return unusable(now,
					"this application may not read it; let its user read the file and enter its directory");
		}
		catch (IOException | RuntimeException ex) {
			return unusable(now, "it could not be read (" + ex + ")");
		}
	}

	private BasicFileAttributes attributes() throws IOException {
		BasicFileAttributes attributes = Files.readAttributes(this.file, BasicFileAttributes.class);
		if (!attributes.isRegularFile()) {
			throw new UnusableStatusException(
					(attributes.isDirectory() ? "it is a directory" : "it is not a regular file")
							+ "; set db.resilience.backup.status-file to the file that the backup scripts write");
		}
		return attributes;
	}

	private String content() throws IOException {
		byte[] bytes;
		try (InputStream in = Files.newInputStream(this.file)) {
			bytes = in.readNBytes(MAX_BYTES + 1);
		}
		if (bytes.length > MAX_BYTES) {
			throw new UnusableStatusException("it has more than 1 MiB; check db.resilience.backup.status-file");
		}
		if (bytes.length == 0) {
			throw new UnusableStatusException("it is empty; run a backup, or check the disk of the backup scripts");
		}
		try {
			return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
		}
		catch (CharacterCodingException ex) {
			throw new UnusableStatusException("it is not UTF-8 text; check db.resilience.backup.status-file");
		}
	}

	private BackupStatus unusable(Instant now, String why) {
		return new BackupStatus(now, null, "The backup status file " + this.file + " cannot be used: " + why,
				List.of());
	}

	/**
	 * Tells one state of the file from another.
	 */
	private record Stamp(FileTime modified, long size, @Nullable Object key) {

	}

}
