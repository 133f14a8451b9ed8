// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.monitor;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.github.dbresilience.testing.FaultProxy;
import io.github.dbresilience.testing.PostgresServer;
import io.github.dbresilience.testing.PrimaryAndStandby;
import io.github.dbresilience.testing.PrimaryAndStandby.Replication;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The primary is killed and its standby promoted under load, again and again. A plain
 * HikariCP pool with the driver's multi-host URL and a loop that tries again stands
 * beside it, in the same run against the same servers.
 */
class FailoverIT {

	private static final int FAILOVERS = Integer.getInteger("db.resilience.failovers", 10);

	private static final int HOST_LOSSES = Math.max(1, FAILOVERS / 10);

	private static final Duration BEFORE_AND_AFTER = Duration.ofMillis(500);

	@ParameterizedTest
	@EnumSource(Replication.class)
	void transactionsSurviveAPromotion(Replication replication) throws Exception {
		Times ours = new Times("promotion to first success, " + replication + ", starter");
		Times plain = new Times("promotion to first success, " + replication + ", plain HikariCP");
		AtomicLong ids = new AtomicLong();
		int failed = 0;
		int lost = 0;
		try (PrimaryAndStandby pair = PrimaryAndStandby.start(replication)) {
			admin(pair.primary(), "create table work (id bigint)", "create table plain_work (id bigint)",
					"grant all on work, plain_work to public");
			String url = pair.jdbcUrl() + "?targetServerType=primary";
			try (MonitoredApplication application = MonitoredApplication.start(url, pair.primary().username(),
					pair.primary().password(), "db.resilience.retry.max-duration=30s", "logging.level.root=ERROR");
					HikariDataSource hikari = plainPool(url, pair.primary())) {
				for (int failover = 0; failover < FAILOVERS; failover++) {
					pair.awaitCaughtUp();
					PostgresServer old = pair.primary();
					WriteLoad load = new WriteLoad(4, ids, application.ledger()::write);
					try (load; WriteLoad beside = new WriteLoad(2, ids, (id) -> insert(hikari, id))) {
						load.awaitSuccesses(BEFORE_AND_AFTER);
						pair.failOver();
						long promoted = System.nanoTime();
						ours.add(load.firstSuccessAfter(promoted));
						plain.add(beside.firstSuccessAfter(promoted));
						load.awaitSuccesses(BEFORE_AND_AFTER);
					}
					Map<Long, Integer> rows = rows(pair.primary());
					assertThat(rows.values()).as("duplicated").allMatch((count) -> count == 1);
					List<Long> missing = load.acknowledged.stream().filter((id) -> !rows.containsKey(id)).toList();
					failed += load.failed.size();
					lost += missing.size();
					assertThat(load.failed.keySet()).as("told to have failed, but there").noneMatch(rows::containsKey);
					if (!missing.isEmpty()) {
						assertThat(replication).as("lost: %s", missing).isEqualTo(Replication.ASYNCHRONOUS);
						assertThat(rowsOnDiskOf(old).keySet()).as("acknowledged by the old primary")
							.containsAll(missing);
					}
					pair.rebuild();
				}
			}
		}
		ours.print();
		plain.print();
		System.out.printf("%s: %d transactions, %d failed, duplicated 0, %d acknowledged and lost by the server%n",
				replication, ids.get(), failed, lost);
		assertThat(ours.percentile(50)).isLessThanOrEqualTo(Duration.ofSeconds(1));
		assertThat(failed).isZero();
	}

	/**
	 * Its packets are dropped: nobody is told that it is gone.
	 */
	@ParameterizedTest
	@EnumSource(Replication.class)
	void transactionsSurviveTheLossOfTheHost(Replication replication) throws Exception {
		Times ours = new Times("promotion after the loss of a host to first success, " + replication + ", starter");
		Times plain = new Times(
				"promotion after the loss of a host to first success, " + replication + ", plain HikariCP");
		AtomicLong ids = new AtomicLong();
		try (PrimaryAndStandby pair = PrimaryAndStandby.start(replication);
				FaultProxy first = FaultProxy.to(pair.primary());
				FaultProxy second = FaultProxy.to(pair.standby())) {
			admin(pair.primary(), "create table work (id bigint)", "create table plain_work (id bigint)",
					"grant all on work, plain_work to public");
			String url = "jdbc:postgresql://localhost:" + first.port() + ",localhost:" + second.port()
					+ "/app?targetServerType=primary";
			try (MonitoredApplication application = MonitoredApplication.start(url, pair.primary().username(),
					pair.primary().password(), "db.resilience.retry.max-duration=30s", "logging.level.root=ERROR");
					HikariDataSource hikari = plainPool(url, pair.primary())) {
				for (int loss = 0; loss < HOST_LOSSES; loss++) {
					pair.awaitCaughtUp();
					FaultProxy lost = (loss % 2 == 0) ? first : second;
					WriteLoad load = new WriteLoad(4, ids, application.ledger()::write);
					try (load; WriteLoad beside = new WriteLoad(2, ids, (id) -> insert(hikari, id))) {
						load.awaitSuccesses(BEFORE_AND_AFTER);
						lost.blackHole();
						pair.holdReplication();
						pair.promote();
						long promoted = System.nanoTime();
						ours.add(load.firstSuccessAfter(promoted));
						plain.add(beside.firstSuccessAfter(promoted));
						load.awaitSuccesses(BEFORE_AND_AFTER);
					}
					Map<Long, Integer> rows = rows(pair.primary());
					assertThat(rows.values()).as("duplicated").allMatch((count) -> count == 1);
					assertThat(load.failed.keySet()).as("told to have failed, but there").noneMatch(rows::containsKey);
					if (replication == Replication.SYNCHRONOUS) {
						assertThat(rows.keySet()).containsAll(load.acknowledged);
					}
					pair.rebuild();
					lost.cut();
					lost.heal();
				}
			}
		}
		ours.print();
		plain.print();
		assertThat(ours.percentile(100)).isLessThan(Duration.ofSeconds(5));
	}

	/**
	 * As a careful user would set it up.
	 */
	private static HikariDataSource plainPool(String url, PostgresServer server) {
		HikariConfig config = new HikariConfig();
		config.setJdbcUrl(url + "&connectTimeout=2&socketTimeout=5&loginTimeout=3&tcpKeepAlive=true");
		config.setUsername(server.username());
		config.setPassword(server.password());
		config.setMaximumPoolSize(10);
		config.setConnectionTimeout(5000);
		return new HikariDataSource(config);
	}

	private static void insert(HikariDataSource hikari, long id) {
		try (Connection connection = hikari.getConnection();
				var statement = connection.prepareStatement("insert into plain_work values (?)")) {
			statement.setLong(1, id);
			statement.execute();
		}
		catch (SQLException ex) {
			throw new IllegalStateException(ex);
		}
	}

	private static Map<Long, Integer> rowsOnDiskOf(PostgresServer dead) throws SQLException {
		dead.start();
		try {
			return rows(dead);
		}
		finally {
			dead.stopImmediately();
		}
	}

	private static Map<Long, Integer> rows(PostgresServer server) throws SQLException {
		Map<Long, Integer> rows = new ConcurrentHashMap<>();
		try (Connection admin = server.connect();
				var row = admin.createStatement().executeQuery("select id, count(*) from work group by id")) {
			while (row.next()) {
				rows.put(row.getLong(1), row.getInt(2));
			}
		}
		return rows;
	}

	private static void admin(PostgresServer server, String... statements) throws SQLException {
		try (Connection admin = server.connect(); var statement = admin.createStatement()) {
			for (String sql : statements) {
				statement.execute(sql);
			}
		}
	}

}
