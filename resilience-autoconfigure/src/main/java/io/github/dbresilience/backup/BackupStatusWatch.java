// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.backup;

import java.time.Duration;
import java.util.function.Supplier;

import org.jspecify.annotations.Nullable;

import org.springframework.context.SmartLifecycle;

/**
 * Reads the status file again and again on a thread of its own, so that a file system
 * that hangs hurts neither a probe nor whoever asks for the health. Thread-safe.
 */
public final class BackupStatusWatch implements SmartLifecycle, Supplier<@Nullable BackupStatus> {

	private static final Duration INTERVAL = Duration.ofSeconds(5);

	private final @Nullable BackupStatusFile file;

	private volatile @Nullable BackupStatus last;

	private volatile @Nullable Thread thread;

	/**
	 * Creates the watch.
	 * @param file the file, {@code null} if none is configured
	 */
	public BackupStatusWatch(@Nullable BackupStatusFile file) {
		this.file = file;
	}

	/**
	 * What was read last.
	 * @return the status, {@code null} if nothing was read yet or no file is configured
	 */
	@Override
	public @Nullable BackupStatus get() {
		return this.last;
	}

	@Override
	public void start() {
		if (this.file != null) {
			Thread created = new Thread(() -> watch(this.file), "db-resilience-backup-status");
			created.setDaemon(true);
			this.thread = created;
			created.start();
		}
	}

	private void watch(BackupStatusFile watched) {
		try {
			while (this.thread == Thread.currentThread()) {
				this.last = watched.read();
				Thread.sleep(INTERVAL.toMillis());
			}
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

	@Override
	public void stop() {
		Thread running = this.thread;
		this.thread = null;
		if (running != null) {
			running.interrupt();
		}
	}

	@Override
	public boolean isRunning() {
		return this.thread != null;
	}

}
