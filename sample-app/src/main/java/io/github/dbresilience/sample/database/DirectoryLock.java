// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.sample.database;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

import org.jspecify.annotations.Nullable;

/**
 * Says that a running application owns a data directory. The operating system gives the
 * lock back when the process ends, however it ends: a server without its application is
 * recognised by that. The file stays and marks the directory as one of ours.
 */
final class DirectoryLock implements AutoCloseable {

	private final Path file;

	private @Nullable FileChannel channel;

	DirectoryLock(Path dataDirectory) {
		this.file = file(dataDirectory);
	}

	static Path file(Path dataDirectory) {
		return dataDirectory.resolve("db-resilience-sample.lock");
	}

	/**
	 * Takes the lock, unless it is held by this object already.
	 * @throws DatabaseSetupException if another application holds it
	 */
	void take() {
		if (this.channel != null) {
			return;
		}
		try {
			FileChannel opened = FileChannel.open(this.file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
			if (!lock(opened)) {
				opened.close();
				throw new DatabaseSetupException(
						"The data directory " + this.file.getParent() + " is in use by the application with process id "
								+ Files.readString(this.file).strip() + ".",
						"Stop that application, or let sample.embedded.data-directory name another directory.");
			}
			opened.truncate(0);
			opened.write(ByteBuffer
				.wrap((ProcessHandle.current().pid() + System.lineSeparator()).getBytes(StandardCharsets.UTF_8)));
			this.channel = opened;
		}
		catch (IOException ex) {
			throw new DatabaseSetupException("The lock file " + this.file + " cannot be written: " + ex.getMessage(),
					"Make the data directory writable, or name another one.", ex);
		}
	}

	boolean isHeld() {
		return this.channel != null;
	}

	private static boolean lock(FileChannel channel) throws IOException {
		try {
			return channel.tryLock() != null;
		}
		catch (OverlappingFileLockException ex) {
			return false;
		}
	}

	@Override
	public void close() {
		if (this.channel != null) {
			try {
				this.channel.close();
			}
			catch (IOException ex) {
				throw new IllegalStateException("Could not release " + this.file, ex);
			}
			this.channel = null;
		}
	}

}
