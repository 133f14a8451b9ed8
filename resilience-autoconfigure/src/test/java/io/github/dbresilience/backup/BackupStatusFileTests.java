// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.backup;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;

import io.github.dbresilience.backup.BackupStatus.Kind;
import io.github.dbresilience.backup.BackupStatus.Run;
import io.github.dbresilience.backup.BackupStatus.State;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Good files, bad files, and files that are replaced while they are read.
 */
@Timeout(value = 60, threadMode = ThreadMode.SEPARATE_THREAD)
class BackupStatusFileTests {

	private static final Instant NOW = Instant.parse("2026-01-31T12:00:00Z");

	private final AtomicReference<Instant> now = new AtomicReference<>(NOW);

	@TempDir
	private Path directory;

	@Test
	void aGoodFileIsToldInFull() throws IOException {
		BackupStatus status = read("""
				{"version": 1, "updatedAt": "2026-01-31T02:00:41Z", "host": "db1", "runs": [
				 {"kind": "full", "database": null, "state": "ok", "startedAt": "2026-01-31T02:00:00Z",
				  "finishedAt": "2026-01-31T02:00:41Z", "bytes": 5000000000, "error": null,
				  "recoverableFrom": "2026-01-24T02:00:00Z", "recoverableTo": "2026-01-31T12:00:00+01:00",
				  "rpoSeconds": 0.4, "rtoSeconds": 21.7, "label": {"deep": [1, {"er": true}]}},
				 {"kind": "logical", "database": "app", "state": "failed", "startedAt": "2026-01-31T03:00:00Z",
				  "finishedAt": "2026-01-31T03:00:01Z", "bytes": 0, "lastSuccessAt": "2026-01-30T03:00:05Z",
				  "error": "pg_dump: error: \\"orders\\" {oid 42}: [permission],\\ndenied \\u00e9 \\\\"},
				 {"kind": "drill", "database": "app", "state": "running"}]}
				""");
		assertThat(status.problem()).isNull();
		assertThat(status.readAt()).isEqualTo(NOW);
		assertThat(status.updatedAt()).isEqualTo("2026-01-31T02:00:41Z");
		assertThat(status.runs()).containsExactly(
				new Run(Kind.FULL, null, State.OK, Instant.parse("2026-01-31T02:00:00Z"),
						Instant.parse("2026-01-31T02:00:41Z"), 5_000_000_000L, null,
						Instant.parse("2026-01-24T02:00:00Z"), Instant.parse("2026-01-31T11:00:00Z"),
						Duration.ofMillis(400), Duration.ofMillis(21_700), Instant.parse("2026-01-31T02:00:41Z")),
				new Run(Kind.LOGICAL, "app", State.FAILED, Instant.parse("2026-01-31T03:00:00Z"),
						Instant.parse("2026-01-31T03:00:01Z"), 0L,
						"pg_dump: error: \"orders\" {oid 42}: [permission], denied é \\", null, null, null, null,
						Instant.parse("2026-01-30T03:00:05Z")),
				new Run(Kind.DRILL, "app", State.RUNNING, null, null, null, null, null, null, null, null, null));
	}

	@Test
	void aFreshInstallationWithoutRunsIsFine() throws IOException {
		BackupStatus status = read("{\"version\": 1, \"updatedAt\": \"2026-01-31T02:00:41Z\", \"runs\": []}");
		assertThat(status.problem()).isNull();
		assertThat(status.runs()).isEmpty();
	}

	@Test
	void theTimeToRestoreABackupFollowsFromTheDrillOfItsDatabase() throws IOException {
		BackupStatus status = readRuns("""
				{"kind": "full", "database": "main", "state": "ok", "bytes": 3000},
				{"kind": "incremental", "database": "main", "state": "ok", "bytes": 3000},
				{"kind": "logical", "database": "app", "state": "ok", "bytes": 3000},
				{"kind": "drill", "database": "main", "state": "ok", "bytes": 2000, "rtoSeconds": 10}""");
		assertThat(status.runs()).extracting((run) -> status.predictedRestore(run))
			.containsExactly(Duration.ofSeconds(15), null, null, null);
	}

	@Test
	void nothingFollowsFromADrillWithoutASize() throws IOException {
		BackupStatus status = readRuns("""
				{"kind": "full", "database": "main", "state": "ok", "bytes": 3000},
				{"kind": "drill", "database": "main", "state": "ok", "bytes": 0, "rtoSeconds": 10}""");
		assertThat(status.runs()).extracting((run) -> status.predictedRestore(run)).containsOnlyNulls();
	}

	@Test
	void kindsOfTheFutureAreLeftOut() throws IOException {
		assertThat(readRuns("{\"kind\": \"snapshot\", \"state\": \"pondering\", \"bytes\": \"many\"}").problem())
			.isNull();
		assertThat(readRuns("{\"kind\": \"snapshot\"}, {\"kind\": \"verify\", \"state\": \"ok\"}").runs())
			.extracting(Run::kind)
			.containsExactly(Kind.VERIFY);
	}

	@Test
	void ofTwoRunsOfAKindAndDatabaseTheNewerCounts() throws IOException {
		BackupStatus status = readRuns("""
				{"kind": "full", "state": "ok", "startedAt": "2026-01-31T02:00:00Z", "bytes": 2},
				{"kind": "full", "state": "ok", "startedAt": "2026-01-30T02:00:00Z", "bytes": 1},
				{"kind": "full", "database": "app", "state": "ok", "startedAt": "2026-01-30T02:00:00Z", "bytes": 3}""");
		assertThat(status.runs()).extracting(Run::bytes).containsExactly(2L, 3L);
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', quoteCharacter = '`',
			textBlock = """
					{"version": 1, "updatedAt": "2026-01-31T02:00:41Z", "runs": [ | it is not valid JSON (the document is cut off, at character 61)
					{"version": 1, "updatedAt": "2026-01-31T02:00:41Z", "runs": [],} | it is not valid JSON
					{"version": 1, "updatedAt": "2026-01-31T02:00:41Z", "runs": []} {} | more after the end of the document
					{"version": 01, "updatedAt": "2026-01-31T02:00:41Z", "runs": []} | it is not valid JSON
					{'version': 1} | it is not valid JSON
					backup failed | it is not valid JSON
					[1] | it is not a JSON object
					"text" | it is not a JSON object
					null | it is not a JSON object
					{} | its field version is missing
					{"version": "1"} | its field version is missing or not a number
					{"version": 2} | it has version 2 and only version 1 is understood
					{"version": 1.5} | it has version 1.5
					{"version": 1, "runs": []} | its field updatedAt is missing
					{"version": 1, "updatedAt": 1769824841, "runs": []} | its field updatedAt is not a string
					{"version": 1, "updatedAt": "yesterday", "runs": []} | its field updatedAt is not a time like
					{"version": 1, "updatedAt": "2026-01-31", "runs": []} | its field updatedAt is not a time like
					{"version": 1, "updatedAt": "2026-01-31T12:06:00Z", "runs": []} | its field updatedAt is in the future
					{"version": 1, "updatedAt": "0000-01-01T00:00:00Z", "runs": []} | its field updatedAt is before 1970
					{"version": 1, "updatedAt": "2026-01-31T02:00:41Z"} | its field runs is missing or not a list
					{"version": 1, "updatedAt": "2026-01-31T02:00:41Z", "runs": {}} | its field runs is missing or not a list
					""")
	void aBadDocumentIsAProblem(String content, String problem) throws IOException {
		assertProblem(read(content), problem);
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', quoteCharacter = '`',
			textBlock = """
					7 | runs[0] is not a JSON object
					{"state": "ok"} | its field runs[0].kind is missing
					{"kind": "full"} | its field runs[0].state is missing
					{"kind": "full", "state": "fine"} | its field runs[0].state is none of ok, failed, running
					{"kind": "full", "state": "ok", "bytes": "12"} | its field runs[0].bytes is not a number
					{"kind": "full", "state": "ok", "bytes": 1.5} | its field runs[0].bytes is not a whole number
					{"kind": "full", "state": "ok", "bytes": 1e99} | its field runs[0].bytes is not a whole number, or too large
					{"kind": "full", "state": "ok", "bytes": -1} | its field runs[0].bytes is negative
					{"kind": "full", "state": "ok", "rtoSeconds": 1e20} | its field runs[0].rtoSeconds is more than ten years
					{"kind": "full", "state": "ok", "rpoSeconds": 1e999999999} | it is not valid JSON
					{"kind": "full", "state": "ok", "startedAt": "2026-02-01T00:00:00Z"} | its field runs[0].startedAt is in the future
					{"kind": "full", "state": "ok", "recoverableTo": "+292277026596-12-04T15:30:07Z"} | its field runs[0].recoverableTo is
					{"kind": "full", "state": "ok", "startedAt": "2026-01-31T02:00:00Z", "finishedAt": "2026-01-31T01:00:00Z"} | its field runs[0].finishedAt is before startedAt
					""")
	void aBadRunIsAProblem(String run, String problem) throws IOException {
		assertProblem(readRuns(run), problem);
	}

	@Test
	void nestingBombsAreAProblem() throws IOException {
		assertProblem(read("[".repeat(1_000_000)), "nested too deeply");
		assertProblem(read("{\"a\":".repeat(200_000)), "nested too deeply");
	}

	@Test
	void whatIsMissingIsAProblemUntilItIsThere() throws IOException {
		BackupStatusFile file = file(this.directory.resolve("none").resolve("status.json"));
		assertProblem(file.read(), "it does not exist; check db.resilience.backup.status-file");
		Files.createDirectory(this.directory.resolve("none"));
		write(this.directory.resolve("none"), valid(1));
		this.now.set(NOW.plusSeconds(2));
		assertThat(file.read().problem()).isNull();
	}

	@Test
	void anEmptyFileIsAProblem() throws IOException {
		assertProblem(read(""), "it is empty");
	}

	@Test
	void aHugeFileIsAProblem() throws IOException {
		assertProblem(read(valid(1) + " ".repeat(1024 * 1024)), "it has more than 1 MiB");
		try (var sparse = Files.newByteChannel(this.directory.resolve("status.json"), StandardOpenOption.WRITE)) {
			sparse.position(1L << 40).write(StandardCharsets.UTF_8.encode("x"));
		}
		this.now.set(NOW.plusSeconds(2));
		assertProblem(file(this.directory.resolve("status.json")).read(), "it has more than 1 MiB");
	}

	@Test
	void whatIsNotTextIsAProblem() throws IOException {
		Files.write(this.directory.resolve("status.json"), new byte[] { '{', (byte) 0xff, '}' });
		assertProblem(file(this.directory.resolve("status.json")).read(), "it is not UTF-8 text");
	}

	@Test
	void aDirectoryAPipeAndADeviceAreProblems() throws Exception {
		assertProblem(file(this.directory).read(), "it is a directory");
		Path pipe = this.directory.resolve("pipe");
		assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor()).isZero();
		assertProblem(file(pipe).read(), "it is not a regular file");
		assertProblem(file(Path.of("/dev/zero")).read(), "it is not a regular file");
	}

	@Test
	void aLoopOfLinksIsAProblem() throws IOException {
		Path loop = Files.createSymbolicLink(this.directory.resolve("loop"), Path.of("loop"));
		assertProblem(file(loop).read(), "it could not be read");
	}

	@Test
	void aLinkIsFollowedAlsoWhenItsTargetChanges() throws IOException {
		Files.writeString(this.directory.resolve("one"), valid(1));
		Files.writeString(this.directory.resolve("two"), valid(2));
		Path link = Files.createSymbolicLink(this.directory.resolve("link"), Path.of("one"));
		BackupStatusFile file = file(link);
		assertThat(bytes(file.read())).isEqualTo(1);
		Files.delete(link);
		Files.createSymbolicLink(link, Path.of("two"));
		this.now.set(NOW.plusSeconds(2));
		assertThat(bytes(file.read())).isEqualTo(2);
	}

	@Test
	void itIsNotLookedAtMoreThanOnceASecond() throws IOException {
		BackupStatusFile file = file(write(this.directory, valid(1)));
		BackupStatus first = file.read();
		Files.delete(this.directory.resolve("status.json"));
		this.now.set(NOW.plusMillis(900));
		assertThat(file.read()).isSameAs(first);
		this.now.set(NOW.plusMillis(1100));
		assertProblem(file.read(), "it does not exist");
	}

	@Test
	void aFileThatDidNotChangeIsNotParsedAgain() throws IOException {
		BackupStatusFile file = file(write(this.directory, valid(1)));
		BackupStatus first = file.read();
		this.now.set(NOW.plusSeconds(30));
		BackupStatus second = file.read();
		assertThat(second.runs()).isSameAs(first.runs());
		assertThat(second.readAt()).isEqualTo(NOW.plusSeconds(30));
	}

	@Test
	void aTimeOfTheFutureIsForgivenWhenItHasCome() throws IOException {
		BackupStatusFile file = file(
				write(this.directory, "{\"version\": 1, \"updatedAt\": \"2026-01-31T12:10:00Z\", \"runs\": []}"));
		assertProblem(file.read(), "is in the future");
		this.now.set(NOW.plusSeconds(600));
		assertThat(file.read().problem()).isNull();
	}

	@Test
	void severalThreadsSeeOnlyWholeStatusesWhileItIsReplaced() throws Exception {
		Path path = write(this.directory, valid(0));
		BackupStatusFile file = new BackupStatusFile(path, new TickingClock());
		AtomicBoolean done = new AtomicBoolean();
		List<CompletableFuture<Long>> readers = new ArrayList<>();
		for (int i = 0; i < 4; i++) {
			readers.add(CompletableFuture.supplyAsync(() -> {
				long seen = 0;
				boolean last;
				do {
					// A reader that got no processor before looks once all is written
					last = done.get();
					BackupStatus status = file.read();
					assertThat(status.problem()).isNull();
					seen = Math.max(seen, bytes(status));
				}
				while (!last);
				return seen;
			}));
		}
		for (int i = 1; i <= 2000; i++) {
			Path fresh = Files.writeString(this.directory.resolve("fresh"), valid(i));
			Files.move(fresh, path, StandardCopyOption.ATOMIC_MOVE);
		}
		done.set(true);
		for (CompletableFuture<Long> reader : readers) {
			assertThat(reader.get(10, TimeUnit.SECONDS)).isPositive();
		}
		assertThat(bytes(file.read())).isEqualTo(2000);
	}

	private static void assertProblem(BackupStatus status, String problem) {
		assertThat(status.problem()).startsWith("The backup status file /")
			.contains("cannot be used: ")
			.contains(problem);
		assertThat(status.updatedAt()).isNull();
		assertThat(status.runs()).isEmpty();
	}

	private static long bytes(BackupStatus status) {
		Long bytes = status.runs().get(0).bytes();
		return (bytes != null) ? bytes : -1;
	}

	private static String valid(int bytes) {
		return """
				{"version": 1, "updatedAt": "2026-01-31T02:00:41Z", "runs": [{"kind": "full", "state": "ok", "bytes": %d}]}"""
			.formatted(bytes);
	}

	private BackupStatus readRuns(String runs) throws IOException {
		return read("{\"version\": 1, \"updatedAt\": \"2026-01-31T02:00:41Z\", \"runs\": [" + runs + "]}");
	}

	private BackupStatus read(String content) throws IOException {
		return file(write(this.directory, content)).read();
	}

	private static Path write(Path directory, String content) throws IOException {
		return Files.writeString(directory.resolve("status.json"), content);
	}

	private BackupStatusFile file(Path path) {
		return new BackupStatusFile(path, new TickingClock(this.now));
	}

	/**
	 * Stands still, or goes on by two seconds each time it is asked.
	 */
	private static final class TickingClock extends Clock {

		private final @Nullable AtomicReference<Instant> set;

		private final AtomicReference<Instant> own = new AtomicReference<>(NOW);

		TickingClock() {
			this.set = null;
		}

		TickingClock(AtomicReference<Instant> set) {
			this.set = set;
		}

		@Override
		public Instant instant() {
			return (this.set != null) ? this.set.get() : this.own.updateAndGet((now) -> now.plusSeconds(2));
		}

		@Override
		public ZoneOffset getZone() {
			return ZoneOffset.UTC;
		}

		@Override
		public Clock withZone(ZoneId zone) {
			return this;
		}

	}

}
