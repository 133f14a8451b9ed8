// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.testing;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Stream;
import java.util.zip.CRC32C;

/**
 * The number that initdb gives a cluster and that its standbys share. A copy of the
 * template gets its own, or two unrelated servers would look like one primary and its
 * twin.
 */
final class SystemIdentifier {

	/** In pg_control the identifier comes first. */
	private static final int IN_CONTROL_FILE = 0;

	/** The offset of xlp_sysid in XLogLongPageHeaderData, which no checksum covers. */
	private static final int IN_SEGMENT = 24;

	private SystemIdentifier() {
	}

	/**
	 * Gives a new identifier to a cluster.
	 * @param data the data directory of a server that was shut down in order
	 * @throws IOException if its files cannot be rewritten
	 */
	static void renew(Path data) throws IOException {
		Path controlFile = data.resolve("global").resolve("pg_control");
		ByteBuffer control = read(controlFile);
		int checksum = findChecksum(control);
		long identifier = control.getLong(IN_CONTROL_FILE) ^ ThreadLocalRandom.current().nextLong(1, 1L << 32);
		control.putLong(IN_CONTROL_FILE, identifier);
		control.putInt(checksum, checksum(control, checksum));
		Files.write(controlFile, control.array());
		for (Path segment : segments(data)) {
			ByteBuffer content = read(segment);
			content.putLong(IN_SEGMENT, identifier);
			Files.write(segment, content.array());
		}
	}

	/** The place of the checksum depends on the version; it covers all before it. */
	private static int findChecksum(ByteBuffer control) {
		for (int offset = Long.BYTES; offset < 512; offset += Integer.BYTES) {
			if (control.getInt(offset) == checksum(control, offset)) {
				return offset;
			}
		}
		throw new IllegalStateException("There is no checksum in pg_control");
	}

	private static int checksum(ByteBuffer control, int length) {
		CRC32C checksum = new CRC32C();
		checksum.update(control.array(), 0, length);
		return (int) checksum.getValue();
	}

	private static List<Path> segments(Path data) throws IOException {
		try (Stream<Path> files = Files.list(data.resolve("pg_wal"))) {
			return files.filter(Files::isRegularFile).toList();
		}
	}

	private static ByteBuffer read(Path file) throws IOException {
		return ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.nativeOrder());
	}

}
