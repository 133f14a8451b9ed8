// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.metrics;

import java.time.Duration;
import java.util.function.Function;

import io.github.dbresilience.monitor.Sample;
import io.github.dbresilience.monitor.ServerSnapshot;
import io.github.dbresilience.monitor.Snapshot;
import org.jspecify.annotations.Nullable;

/**
 * What the last full look at one server found.
 */
final class SampleMeters {

	private final Meters meters;

	private final Source source;

	private final String address;

	private SampleMeters(Meters meters, Source source, String address) {
		this.meters = meters;
		this.source = source;
		this.address = address;
	}

	static void bind(Meters meters, Source source, String address) {
		meters.time("server.sample.age", "Age of the last full look at the server", source,
				(read) -> age(read.snapshot(), address));
		SampleMeters sample = new SampleMeters(meters, source, address);
		sample.time("server.connect.latency", "Time to open a fresh connection", Sample::connectLatency);
		sample.time("server.query.latency", "Time of a query on the catalog", Sample::queryLatency);
		sample.number("server.transaction.id.age",
				"Age in transactions of the oldest row that is not frozen, over all databases",
				Sample::transactionIdAge);
		sample.sessions();
		sample.replication();
		sample.archive();
	}

	private void sessions() {
		number("server.sessions", "Client sessions of the server",
				(sample) -> part(sample.sessions(), Sample.Sessions::open));
		number("server.sessions.limit", "Client sessions that an ordinary role may have in all",
				(sample) -> part(sample.sessions(), Sample.Sessions::limit));
		time("server.transaction.longest", "Age of the oldest transaction",
				(sample) -> part(sample.sessions(), Sample.Sessions::longestTransaction));
		time("server.idle.in.transaction.longest", "Longest time that a session sits idle in a transaction",
				(sample) -> part(sample.sessions(), Sample.Sessions::longestIdleInTransaction));
	}

	private void replication() {
		number("replication.standbys", "Standbys that stream from the server",
				(sample) -> part(sample.replication(), Sample.Replication::standbys));
		bytes("replication.lag", "WAL that the furthest standby has not replayed",
				(sample) -> part(sample.replication(), Sample.Replication::lagBytes));
		time("replication.delay", "Age of the last replayed transaction of the furthest standby",
				(sample) -> part(sample.replication(), Sample.Replication::lagTime));
		bytes("replication.slot.retained", "WAL that the furthest replication slot holds back",
				(sample) -> part(sample.replication(), Sample.Replication::slotBytes));
	}

	private void archive() {
		number("archive.failing", "1 if the last attempt to archive WAL failed, 0 if not",
				(sample) -> part(sample.archive(), (archive) -> archive.failing() ? 1 : 0));
		number("archive.failures", "Failed attempts since the server's statistics were reset",
				(sample) -> part(sample.archive(), Sample.Archive::failures));
		number("archive.waiting", "WAL segments that wait to be archived",
				(sample) -> part(sample.archive(), Sample.Archive::waitingSegments));
		time("archive.waiting.age", "How long the oldest of them has waited",
				(sample) -> part(sample.archive(), Sample.Archive::oldestWaiting));
	}

	private void number(String name, String description, Function<Sample, @Nullable Number> value) {
		String server = this.address;
		this.meters.gauge(name, description, this.source,
				(read) -> Meters.number(part(sample(read.snapshot(), server), value)));
	}

	private void bytes(String name, String description, Function<Sample, @Nullable Number> value) {
		String server = this.address;
		this.meters.bytes(name, description, this.source, (read) -> part(sample(read.snapshot(), server), value));
	}

	private void time(String name, String description, Function<Sample, @Nullable Duration> value) {
		String server = this.address;
		this.meters.time(name, description, this.source, (read) -> part(sample(read.snapshot(), server), value));
	}

	private static @Nullable Duration age(Snapshot snapshot, String address) {
		return part(sample(snapshot, address), (sample) -> Duration.between(sample.at(), snapshot.at()));
	}

	private static @Nullable Sample sample(Snapshot snapshot, String address) {
		return part(ServerMeters.find(snapshot, address), ServerSnapshot::sample);
	}

	private static <T, R> @Nullable R part(@Nullable T whole, Function<T, @Nullable R> value) {
		return (whole != null) ? value.apply(whole) : null;
	}

}
