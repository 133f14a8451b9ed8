// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.storm;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;

import io.github.dbresilience.fault.FaultClassifier;
import io.github.dbresilience.fault.Phase;
import io.github.dbresilience.fault.Verdict;
import io.github.dbresilience.retry.RetryStatistics;
import io.github.dbresilience.retry.RetryableTransaction;
import io.github.dbresilience.testing.PostgresServer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.transaction.annotation.Isolation;
import org.springframework.transaction.annotation.Transactional;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * More conflicts than retries may be spent on: each transaction ends in time, happens
 * once or not at all, and retries stay within their budget. A storm lasts 8 s unless
 * {@code -Ddb.resilience.storm.seconds} says otherwise.
 */
@Timeout(300)
class StormIT {

	private static final Duration LENGTH = Duration.ofSeconds(Integer.getInteger("db.resilience.storm.seconds", 8));

	private static final Duration DEADLINE = Duration.ofSeconds(5);

	private static final Duration MARGIN = Duration.ofSeconds(1);

	private static final int THREADS = 8;

	private static final int ROWS = 2;

	private static PostgresServer server;

	@BeforeAll
	static void start() {
		server = PostgresServer.builder().setting("deadlock_timeout", "20ms").start();
	}

	@AfterAll
	static void stop() {
		server.close();
	}

	@BeforeEach
	void createTables() throws SQLException {
		try (Connection admin = server.connect(); var statement = admin.createStatement()) {
			statement.execute("drop table if exists counter, done; create table done (id bigint);"
					+ "create table counter (id int primary key, value int); grant all on counter, done to public;"
					+ "insert into counter select i, 0 from generate_series(1, " + ROWS + ") i");
		}
	}

	@ParameterizedTest
	@EnumSource
	void retriesStayWithinTheBudgetAndNothingIsLostOrDoubled(Storm storm) throws Exception {
		Report report = run(storm, "default budget");
		// The minimum of a whole window of ten seconds may be spent at once
		long windows = 1 + LENGTH.plusSeconds(1).toSeconds() / 10;
		assertThat((double) report.retries()).isLessThanOrEqualTo(0.2 * report.transactions() + 10 * 10 * windows);
		assertThat(report.overBudget()).as("the storm is stronger than the budget").isPositive();
	}

	@ParameterizedTest
	@EnumSource
	void nothingIsLostOrDoubledWithARaisedBudgetEither(Storm storm) throws Exception {
		Report report = run(storm, "raised budget", "db.resilience.retry.budget.ratio=10",
				"db.resilience.retry.budget.min-per-second=1000");
		assertThat(report.overBudget()).isZero();
	}

	private static Report run(Storm storm, String title, String... properties) throws Exception {
		String[] all = new String[properties.length + 4];
		System.arraycopy(properties, 0, all, 0, properties.length);
		all[properties.length] = "spring.datasource.hikari.maximum-pool-size=" + THREADS;
		all[properties.length + 1] = "db.resilience.retry.max-duration=" + DEADLINE.toMillis() + "ms";
		all[properties.length + 2] = "db.resilience.retry.initial-interval=5ms";
		all[properties.length + 3] = "logging.level.io.github.dbresilience.retry=warn";
		try (Application<Counters> application = Application.start(Counters.class, server, server.jdbcUrl(), all)) {
			Counters counters = application.service();
			Clients clients = Clients.start(THREADS, Duration.ZERO, (id) -> storm.transaction.run(counters, id));
			clients.work(LENGTH);
			List<Answer> answers = clients.stop();
			Report report = Report.of(answers, application.protection().retryTarget().transactions());
			System.out.printf("%s, %s: %s%n", storm, title, report);
			assertThat(counters.attempts()).isEqualTo(report.transactions() + report.retries());
			check(answers, storm.increments);
			return report;
		}
	}

	private static void check(List<Answer> answers, int increments) throws SQLException {
		assertThat(answers).allSatisfy((answer) -> assertThat(answer.latency()).isLessThan(DEADLINE.plus(MARGIN)));
		assertThat(answers).filteredOn((answer) -> !answer.isAcknowledged())
			.allSatisfy((answer) -> assertThat(FaultClassifier.find(answer.failure(), Phase.IN_TRANSACTION))
				.hasValueSatisfying((fault) -> assertThat(fault.verdict()).isEqualTo(Verdict.RETRY)));
		Map<Long, Long> done = new HashMap<>();
		try (Connection admin = server.connect(); var statement = admin.createStatement()) {
			try (ResultSet rows = statement.executeQuery("select id, count(*) from done group by id")) {
				while (rows.next()) {
					done.put(rows.getLong(1), rows.getLong(2));
				}
			}
			assertThat(answers).allMatch((answer) -> answer.isTrue(done.getOrDefault(answer.id(), 0L)));
			try (ResultSet sum = statement.executeQuery("select sum(value) from counter")) {
				sum.next();
				assertThat(sum.getLong(1)).isEqualTo((long) increments * done.size());
			}
		}
	}

	enum Storm {

		DEADLOCKS(2, Counters::incrementTwo),

		SERIALIZATION_FAILURES(1, Counters::readAndIncrement);

		private final int increments;

		private final Work transaction;

		Storm(int increments, Work transaction) {
			this.increments = increments;
			this.transaction = transaction;
		}

	}

	@FunctionalInterface
	interface Work {

		void run(Counters counters, long id);

	}

	/**
	 * The figures of a run.
	 */
	private record Report(long transactions, long acknowledged, long retries, long recovered, long exhausted,
			long overBudget, long slowestMillis) {

		static Report of(List<Answer> answers, RetryStatistics statistics) {
			long slowest = answers.stream().mapToLong((answer) -> answer.latency().toMillis()).max().orElseThrow();
			return new Report(answers.size(), answers.stream().filter(Answer::isAcknowledged).count(),
					statistics.retriesCount(), statistics.recoveredCount(), statistics.exhaustedCount(),
					statistics.overBudgetCount(), slowest);
		}

		@Override
		public String toString() {
			return ("%d transactions, %d acknowledged (%d after retries), %d over budget, %d exhausted, "
					+ "%d retries, amplification %.2f, slowest %d ms")
				.formatted(this.transactions, this.acknowledged, this.recovered, this.overBudget, this.exhausted,
						this.retries, (double) (this.transactions + this.retries) / this.transactions,
						this.slowestMillis);
		}

	}

	/**
	 * A service.
	 */
	static class Counters {

		private final AtomicLong attempts = new AtomicLong();

		private final JdbcTemplate jdbc;

		Counters(JdbcTemplate jdbc) {
			this.jdbc = jdbc;
		}

		/**
		 * Attempts at transactions that got a connection.
		 */
		public long attempts() {
			return this.attempts.get();
		}

		@Transactional
		@RetryableTransaction
		public void incrementTwo(long id) {
			this.attempts.incrementAndGet();
			int one = anyRow();
			done(id);
			increment(one);
			think();
			increment(1 + (one + ThreadLocalRandom.current().nextInt(ROWS - 1)) % ROWS);
		}

		@Transactional(isolation = Isolation.SERIALIZABLE)
		@RetryableTransaction
		public void readAndIncrement(long id) {
			this.attempts.incrementAndGet();
			int row = anyRow();
			int value = this.jdbc.queryForObject("select value from counter where id = ?", Integer.class, row);
			done(id);
			think();
			this.jdbc.update("update counter set value = ? where id = ?", value + 1, row);
		}

		private void think() {
			this.jdbc.execute("select pg_sleep(0.005)");
		}

		private void done(long id) {
			this.jdbc.update("insert into done values (?)", id);
		}

		private void increment(int row) {
			this.jdbc.update("update counter set value = value + 1 where id = ?", row);
		}

		private static int anyRow() {
			return 1 + ThreadLocalRandom.current().nextInt(ROWS);
		}

	}

}
