// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.storm;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

import io.github.dbresilience.retry.RetryableTransaction;
import io.github.dbresilience.testing.FaultProxy;
import io.github.dbresilience.testing.PostgresServer;
import io.github.dbresilience.testing.Traffic;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.transaction.annotation.Transactional;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Fifty clients while the database is away altogether. The outage lasts 8 s; a long one
 * by {@code -Ddb.resilience.outage.seconds=30}.
 * <p>
 * What reaches the server is counted where the driver sends it: connections that the pool
 * opens or tries to, and each batch of messages on them, pings included, from the moment
 * when the fault is complete until it is taken away. Connections of the monitor and of
 * the search for lost COMMITs bear other application names and are counted apart: they do
 * not grow with the requests. All of a request that a client waits for at some time in
 * between counts as one.
 */
@Timeout(300)
class TotalOutageIT {

	private static final Duration OUTAGE = Duration.ofSeconds(Integer.getInteger("db.resilience.outage.seconds", 8));

	private static final Duration DEADLINE = Duration.ofSeconds(5);

	private static final Duration MARGIN = Duration.ofSeconds(1);

	private static final Duration SOCKET_TIMEOUT = Duration.ofSeconds(2);

	private static final Duration PATIENCE = Duration.ofSeconds(30);

	private static final int CLIENTS = 50;

	private PostgresServer server;

	private FaultProxy proxy;

	@BeforeEach
	void start() throws SQLException {
		this.server = PostgresServer.create();
		this.proxy = FaultProxy.to(this.server);
		try (Connection admin = this.server.connect(); var statement = admin.createStatement()) {
			statement.execute("create table done (id bigint); grant all on done to public");
		}
	}

	@AfterEach
	void stop() {
		this.proxy.close();
		this.server.close();
	}

	@ParameterizedTest
	@EnumSource
	void retriesDoNotFeedTheOutageAndNobodyWaitsPastTheDeadline(Outage outage) throws Exception {
		String name = "outage-" + outage;
		try (Application<Notes> application = Application.start(Notes.class, this.server, this.proxy.jdbcUrl(),
				"spring.application.name=" + name, "logging.level.io.github.dbresilience=error",
				"spring.datasource.hikari.maximum-pool-size=10", "spring.datasource.hikari.minimum-idle=10",
				"spring.datasource.hikari.data-source-properties.socketFactory="
						+ CountingSocketFactory.class.getName(),
				"spring.datasource.hikari.data-source-properties.socketTimeout=" + SOCKET_TIMEOUT.toSeconds(),
				"db.resilience.retry.max-waiting=" + CLIENTS,
				"db.resilience.retry.max-duration=" + DEADLINE.toSeconds() + "s")) {
			Notes notes = application.service();
			Clients clients = Clients.start(CLIENTS, Duration.ofMillis(100), (id) -> ask(notes, id));
			Awaitility.await().atMost(PATIENCE).until(() -> clients.answers().size() > 4 * CLIENTS);
			outage.begin.run(this);
			long begin = System.nanoTime();
			Counted before = Counted.of(name, this.proxy, notes);
			clients.work(OUTAGE);
			Counted counted = Counted.of(name, this.proxy, notes).since(before);
			long end = System.nanoTime();
			outage.end.run(this);
			long back = System.nanoTime();
			Awaitility.await().atMost(PATIENCE).until(() -> answeredAfter(clients.answers(), back) == CLIENTS);
			List<Answer> answers = clients.stop();
			settle();
			report(outage, answers, begin, end, back, counted);
			check(outage, answers, counted.perRequest(requests(answers, begin, end)));
		}
	}

	private static void ask(Notes notes, long id) {
		if (Notes.isWriting(id)) {
			notes.write(id);
		}
		else {
			notes.read();
		}
	}

	private void check(Outage outage, List<Answer> answers, double perRequest) throws SQLException {
		Map<Long, Long> done = done();
		assertThat(answers).filteredOn((answer) -> Notes.isWriting(answer.id()))
			.allMatch((answer) -> answer.isTrue(done.getOrDefault(answer.id(), 0L)));
		assertThat(answers).allSatisfy(
				(answer) -> assertThat(answer.latency()).isLessThan(DEADLINE.plus(outage.blindness).plus(MARGIN)));
		assertThat(answers).filteredOn((answer) -> !answer.isAcknowledged() && !answer.isUnknown())
			.as("nobody gives up before the deadline")
			.allSatisfy((answer) -> assertThat(answer.latency()).isGreaterThan(DEADLINE.minus(MARGIN)));
		assertThat(perRequest).isLessThanOrEqualTo(1.2);
	}

	private static void report(Outage outage, List<Answer> answers, long begin, long end, long back, Counted counted) {
		long requests = requests(answers, begin, end);
		System.out.printf("%s for %d s: %d requests, %.2f per request reached the server, slowest %d ms, "
				+ "%d refused, %d unknown, first success %d ms after the end, each client's within %d ms%n  %s%n",
				outage, OUTAGE.toSeconds(), requests, counted.perRequest(requests),
				answers.stream().mapToLong((answer) -> answer.latency().toMillis()).max().orElseThrow(),
				answers.stream().filter((answer) -> !answer.isAcknowledged() && !answer.isUnknown()).count(),
				answers.stream().filter(Answer::isUnknown).count(),
				TimeUnit.NANOSECONDS.toMillis(answers.stream()
					.filter((a) -> a.isAcknowledged() && a.end() - back > 0)
					.mapToLong(Answer::end)
					.min()
					.orElseThrow() - back),
				TimeUnit.NANOSECONDS.toMillis(lastFirstSuccess(answers, back) - back), counted);
	}

	private static long requests(List<Answer> answers, long begin, long end) {
		return answers.stream().filter((answer) -> answer.overlaps(begin, end)).count();
	}

	private static long answeredAfter(List<Answer> answers, long time) {
		return answers.stream()
			.filter((answer) -> answer.isAcknowledged() && answer.end() - time > 0)
			.mapToInt(Answer::client)
			.distinct()
			.count();
	}

	private static long lastFirstSuccess(List<Answer> answers, long back) {
		Map<Integer, Long> first = new HashMap<>();
		answers.stream()
			.filter((answer) -> answer.isAcknowledged() && answer.end() - back > 0)
			.forEach((answer) -> first.merge(answer.client(), answer.end(), Math::min));
		return first.values().stream().mapToLong(Long::longValue).max().orElseThrow();
	}

	/**
	 * Lets what is still under way arrive and do its worst, before the table is read.
	 */
	private void settle() {
		Awaitility.await().atMost(PATIENCE).until(() -> {
			try (Connection admin = this.server.connect(); ResultSet row = admin.createStatement().executeQuery("""
					select count(*) from pg_stat_activity where backend_type = 'client backend'
					and pid <> pg_backend_pid() and xact_start is not null""")) {
				row.next();
				return row.getInt(1) == 0;
			}
		});
	}

	private Map<Long, Long> done() throws SQLException {
		Map<Long, Long> done = new HashMap<>();
		try (Connection admin = this.server.connect();
				ResultSet rows = admin.createStatement().executeQuery("select id, count(*) from done group by id")) {
			while (rows.next()) {
				done.put(rows.getLong(1), rows.getLong(2));
			}
		}
		return done;
	}

	enum Outage {

		/** Connections end, and nobody listens behind the proxy. */
		POSTMASTER_KILLED(Duration.ZERO, (test) -> test.server.killPostmasterAndBackends(),
				(test) -> test.server.start()),

		/** A statement is on its way until the driver's time-out for reads. */
		BLACK_HOLE(SOCKET_TIMEOUT, (test) -> test.proxy.blackHole(), (test) -> test.proxy.heal()),

		/** Connections are reset, new ones are refused. */
		REFUSED(Duration.ZERO, (test) -> {
			test.proxy.refuse();
			test.proxy.reset();
		}, (test) -> test.proxy.accept());

		/** How much later than the deadline a caller may be told. */
		private final Duration blindness;

		private final Step begin;

		private final Step end;

		Outage(Duration blindness, Step begin, Step end) {
			this.blindness = blindness;
			this.begin = begin;
			this.end = end;
		}

	}

	@FunctionalInterface
	interface Step {

		void run(TotalOutageIT test);

	}

	/**
	 * What was sent, by whom.
	 *
	 * @param pool by the pool's connections
	 * @param monitor by the monitor
	 * @param search by the search for lost COMMITs
	 * @param attempts attempts at transactions that got a connection
	 * @param proxied what arrived at the proxy, of all of them
	 */
	private record Counted(Sent pool, Sent monitor, Sent search, long attempts, Traffic proxied) {

		static Counted of(String name, FaultProxy proxy, Notes notes) {
			return new Counted(CountingSocketFactory.sentBy(name), CountingSocketFactory.sentBy(name + " monitor"),
					CountingSocketFactory.sentBy(name + " commit outcome"), notes.attempts(), proxy.traffic());
		}

		Counted since(Counted earlier) {
			return new Counted(this.pool.since(earlier.pool), this.monitor.since(earlier.monitor),
					this.search.since(earlier.search), this.attempts - earlier.attempts,
					this.proxied.since(earlier.proxied));
		}

		double perRequest(long requests) {
			return (double) this.pool.total() / requests;
		}

	}

	/**
	 * A service.
	 */
	static class Notes {

		private final AtomicLong attempts = new AtomicLong();

		private final JdbcTemplate jdbc;

		Notes(JdbcTemplate jdbc) {
			this.jdbc = jdbc;
		}

		static boolean isWriting(long id) {
			return id % 2 == 0;
		}

		public long attempts() {
			return this.attempts.get();
		}

		@Transactional
		@RetryableTransaction
		public void write(long id) {
			this.attempts.incrementAndGet();
			this.jdbc.update("insert into done values (?)", id);
		}

		@Transactional(readOnly = true)
		public void read() {
			this.attempts.incrementAndGet();
			this.jdbc.queryForObject("select 1", Integer.class);
		}

	}

}
