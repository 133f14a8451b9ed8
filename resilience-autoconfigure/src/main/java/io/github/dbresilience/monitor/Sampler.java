// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.monitor;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.Map;

import io.github.dbresilience.fault.FaultClassifier;
import io.github.dbresilience.fault.Phase;
import org.jspecify.annotations.Nullable;

/**
 * Takes the full look at one server, on a connection that it is given: five round trips,
 * each of which fails for itself. What the server refuses is asked for again after ten
 * minutes only, so that its log is not filled. Used by one thread.
 */
final class Sampler {

	/** The driver must get the server's answer before its own patience ends. */
	private static final Duration NETWORK_MARGIN = Duration.ofMillis(500);

	private static final Duration LEAST_TIMEOUT = Duration.ofMillis(50);

	private static final Duration REFUSAL_KEPT = Duration.ofMinutes(10);

	private static final String CATALOG_QUERY = "select count(*) from pg_class";

	private static final String AGE_QUERY = "select max(age(datfrozenxid)) from pg_database";

	private final Clock clock;

	private final Duration timeout;

	private final MissingReadings missing;

	private final ReplicationReading replication;

	private final ArchiveReading archive = new ArchiveReading();

	private final Map<Reading, Refusal> refusals = new EnumMap<>(Reading.class);

	/**
	 * Creates a sampler.
	 * @param server the server, with which lines of the log begin
	 * @param clock the time
	 * @param timeout bounds the query on the catalog, and all the others together; a
	 * network time-out of the connection bounds them too
	 */
	Sampler(String server, Clock clock, Duration timeout) {
		this.clock = clock;
		this.timeout = timeout;
		this.missing = new MissingReadings(server);
		this.replication = new ReplicationReading(clock);
	}

	/**
	 * Takes a sample.
	 * @param established a connection in autocommit mode, and so it is left
	 * @param connectLatency how long a fresh connection took to open, {@code null} if it
	 * was not measured
	 * @return the sample; a reading that failed is missing
	 * @throws SQLException if the connection broke
	 */
	Sample take(Connection established, @Nullable Duration connectLatency) throws SQLException {
		this.missing.take();
		Duration bound = bound(established);
		Duration queryLatency = read(Reading.QUERY_LATENCY, established, bound,
				(rest) -> catalogLatency(established, rest));
		long deadline = System.nanoTime() + bound.toNanos();
		Sample.Sessions sessions = read(Reading.SESSIONS, established, rest(deadline),
				(rest) -> SessionsReading.ask(established, rest, this.missing));
		Long age = read(Reading.TRANSACTION_ID_AGE, established, rest(deadline),
				(rest) -> BoundedQuery.ask(established, rest, AGE_QUERY, (row) -> row.getLong(1)));
		Sample.Replication replicated = read(Reading.REPLICATION, established, rest(deadline),
				(rest) -> this.replication.ask(established, rest, this.missing));
		Sample.Archive archived = archive(established, deadline);
		return new Sample(this.clock.instant(), connectLatency, queryLatency, sessions, replicated, archived, age,
				this.missing.take());
	}

	private Duration bound(Connection connection) throws SQLException {
		Duration network = Duration.ofMillis(connection.getNetworkTimeout());
		if (network.isZero()) {
			return this.timeout;
		}
		Duration most = network.minus(NETWORK_MARGIN);
		if (most.compareTo(LEAST_TIMEOUT) < 0) {
			most = network.dividedBy(2);
		}
		return (most.compareTo(this.timeout) < 0) ? most : this.timeout;
	}

	private static Duration rest(long deadline) {
		return Duration.ofNanos(deadline - System.nanoTime());
	}

	/**
	 * A query that was cancelled took at least so long, which is worth more than nothing.
	 */
	private static Duration catalogLatency(Connection connection, Duration rest) throws SQLException {
		long start = System.nanoTime();
		try {
			BoundedQuery.ask(connection, rest, CATALOG_QUERY, (row) -> row.getLong(1));
		}
		catch (SQLException ex) {
			if (!"57014".equals(ex.getSQLState()) || connection.isClosed()) {
				throw ex;
			}
		}
		return Duration.ofNanos(System.nanoTime() - start);
	}

	private Sample.@Nullable Archive archive(Connection connection, long deadline) throws SQLException {
		Sample.Archive plain = this.archive.isListable() ? null : plainArchive(connection, deadline);
		if (!this.archive.isListable()) {
			return plain;
		}
		Sample.Archive complete = read(Reading.ARCHIVE_WAITING, connection, rest(deadline),
				(rest) -> this.archive.askWithList(connection, rest));
		if (complete != null) {
			return complete;
		}
		return (plain != null) ? plain : plainArchive(connection, deadline);
	}

	private Sample.@Nullable Archive plainArchive(Connection connection, long deadline) throws SQLException {
		return read(Reading.ARCHIVE, connection, rest(deadline),
				(rest) -> this.archive.ask(connection, rest, this.missing));
	}

	private <T> @Nullable T read(Reading reading, Connection connection, Duration rest, Question<T> question)
			throws SQLException {
		Refusal refusal = this.refusals.get(reading);
		if (refusal != null && this.clock.instant().isBefore(refusal.until())) {
			this.missing.failed(reading, refusal.reason());
			return null;
		}
		if (rest.compareTo(LEAST_TIMEOUT) < 0) {
			this.missing.failed(reading, "not asked for, as the readings before it took too long");
			return null;
		}
		try {
			return question.ask(rest);
		}
		catch (SQLException ex) {
			if (connection.isClosed() || FaultClassifier.classify(ex, Phase.AUTOCOMMIT).kind().evicts()) {
				throw ex;
			}
			this.missing.failed(reading, ex, connection.getMetaData().getUserName());
			if (reading == Reading.ARCHIVE_WAITING || isRefusal(ex)) {
				this.refusals.put(reading,
						new Refusal(this.missing.reason(reading), this.clock.instant().plus(REFUSAL_KEPT)));
			}
			return null;
		}
	}

	/**
	 * Syntax, rights and functions; features; not in the present state of the server.
	 */
	private static boolean isRefusal(SQLException failure) {
		String sqlState = failure.getSQLState();
		return sqlState != null && (sqlState.startsWith("42") || sqlState.startsWith("0A") || sqlState.equals("55000"));
	}

	@FunctionalInterface
	private interface Question<T> {

		@Nullable T ask(Duration rest) throws SQLException;

	}

	/**
	 * What need not be asked for again soon.
	 */
	private record Refusal(String reason, Instant until) {

	}

}
