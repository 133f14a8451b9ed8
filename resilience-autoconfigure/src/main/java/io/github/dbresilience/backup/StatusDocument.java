// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.backup;

import java.math.BigDecimal;
import java.text.ParseException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

import io.github.dbresilience.backup.BackupStatus.Kind;
import io.github.dbresilience.backup.BackupStatus.Run;
import io.github.dbresilience.backup.BackupStatus.State;
import org.jspecify.annotations.Nullable;

/**
 * What a status file says, version 1. Fields and kinds that are not known are left out,
 * so that newer scripts can be told by an older application.
 *
 * @param updatedAt when it was written
 * @param runs the newest run of each kind and database
 */
record StatusDocument(Instant updatedAt, List<Run> runs) {

	/** Clocks differ a little. */
	private static final Duration TOLERANCE = Duration.ofMinutes(5);

	/**
	 * Reads a document.
	 * @param text the document
	 * @param now by which times are judged
	 * @return what it says
	 * @throws UnusableStatusException if it is no status of version 1
	 */
	static StatusDocument parse(String text, Instant now) {
		JsonFields document = new JsonFields("", object(json(text), "it"), now.plus(TOLERANCE));
		if (!(document.fields().get("version") instanceof BigDecimal version)) {
			throw document.unusable("version", "is missing or not a number");
		}
		if (version.compareTo(BigDecimal.ONE) != 0) {
			throw new UnusableStatusException("it has version " + version.toPlainString()
					+ " and only version 1 is understood: use scripts and starter of the same release");
		}
		document.requiredText("updatedAt");
		Instant updatedAt = document.instant("updatedAt");
		if (updatedAt == null) {
			throw document.unusable("updatedAt", "is missing");
		}
		List<?> listed = document.list("runs");
		List<Run> runs = new ArrayList<>(listed.size());
		for (int i = 0; i < listed.size(); i++) {
			String name = "runs[" + i + "]";
			Run run = run(new JsonFields(name + ".", object(listed.get(i), name), document.latest()));
			if (run != null) {
				runs.add(run);
			}
		}
		return new StatusDocument(updatedAt, List.copyOf(newest(runs)));
	}

	private static @Nullable Object json(String text) {
		try {
			return JsonText.parse(text);
		}
		catch (ParseException ex) {
			throw new UnusableStatusException("it is not valid JSON (" + ex.getMessage() + ", at character "
					+ ex.getErrorOffset() + "); run a backup script to have it written anew");
		}
	}

	private static Map<?, ?> object(@Nullable Object value, String what) {
		if (value instanceof Map<?, ?> object) {
			return object;
		}
		throw new UnusableStatusException(what + " is not a JSON object");
	}

	/**
	 * Reads one run.
	 * @return the run, {@code null} if it is of a kind that is not known
	 */
	private static @Nullable Run run(JsonFields fields) {
		Kind kind = find(Kind.values(), fields.requiredText("kind"));
		if (kind == null) {
			return null;
		}
		State state = find(State.values(), fields.requiredText("state"));
		if (state == null) {
			throw fields.unusable("state", "is none of ok, failed, running");
		}
		Instant startedAt = fields.instant("startedAt");
		Instant finishedAt = fields.instant("finishedAt");
		if (startedAt != null && finishedAt != null && finishedAt.isBefore(startedAt)) {
			throw fields.unusable("finishedAt", "is before startedAt");
		}
		Instant lastSuccessAt = fields.instant("lastSuccessAt");
		if (lastSuccessAt == null && state == State.OK) {
			lastSuccessAt = finishedAt;
		}
		return new Run(kind, fields.text("database"), state, startedAt, finishedAt, fields.count("bytes"),
				fields.text("error"), fields.instant("recoverableFrom"), fields.instant("recoverableTo"),
				fields.seconds("rpoSeconds"), fields.seconds("rtoSeconds"), lastSuccessAt);
	}

	private static <E extends Enum<E>> @Nullable E find(E[] values, String text) {
		for (E value : values) {
			if (value.name().toLowerCase(Locale.ROOT).equals(text)) {
				return value;
			}
		}
		return null;
	}

	private static Collection<Run> newest(List<Run> runs) {
		Map<Key, Run> newest = new LinkedHashMap<>();
		runs.forEach((run) -> newest.merge(new Key(run.kind(), run.database()), run,
				(one, other) -> moment(other).isBefore(moment(one)) ? one : other));
		return newest.values();
	}

	private static Instant moment(Run run) {
		if (run.startedAt() != null) {
			return run.startedAt();
		}
		return (run.finishedAt() != null) ? run.finishedAt() : Instant.EPOCH;
	}

	private record Key(Kind kind, @Nullable String database) {

	}

}
