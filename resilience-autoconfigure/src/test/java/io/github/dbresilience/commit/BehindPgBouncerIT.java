// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.commit;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;

import io.github.dbresilience.testing.CommitFault;
import io.github.dbresilience.testing.CommitScript;
import io.github.dbresilience.testing.FaultProxy;
import io.github.dbresilience.testing.PgBouncer;
import io.github.dbresilience.testing.PostgresServer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.support.TransactionTemplate;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A real PgBouncer in transaction mode with fewer sessions than the application has
 * connections, so that each transaction runs in another session than the one before.
 */
class BehindPgBouncerIT {

	private static final int ROUNDS = Math.max(5, Integer.getInteger("db.resilience.commit-loss.rounds", 20) / 4);

	private static final Duration PATIENCE = Duration.ofSeconds(20);

	private static PostgresServer server;

	private static FaultProxy before;

	private static FaultProxy behind;

	private static PgBouncer bouncer;

	private static Application application;

	private final AtomicInteger ids = new AtomicInteger();

	@BeforeAll
	static void start() throws SQLException {
		server = PostgresServer.create();
		try (Connection admin = server.connect()) {
			admin.createStatement().execute("create table work (id int); grant all on work to public");
		}
		behind = FaultProxy.to(server);
		bouncer = PgBouncer.start(server, behind.port(), Map.of("default_pool_size", "3"));
		before = FaultProxy.to("127.0.0.1", bouncer.port());
		application = Application.start(before.jdbcUrl(), server.username(), server.password(),
				"spring.datasource.hikari.maximum-pool-size=8");
	}

	@AfterAll
	static void stop() {
		application.close();
		before.close();
		bouncer.close();
		behind.close();
		server.close();
	}

	@AfterEach
	void clear() {
		before.disarm();
		behind.disarm();
		application.jdbc().execute("truncate work");
	}

	@Test
	void itIsDetected() {
		assertThat(application.protection().isBehindPooler()).isTrue();
		assertThat(application.commits().keeper().isTokenOn()).isTrue();
	}

	@Test
	void fourHundredTransactionsOfEightThreadsAllSucceedAndLeaveTheirTokens() {
		long tokens = count("db_resilience.commit_token");
		List<CompletableFuture<Void>> threads = IntStream.range(0, 8)
			.mapToObj((thread) -> CompletableFuture.runAsync(() -> {
				for (int i = 0; i < 50; i++) {
					application.transaction().executeWithoutResult((status) -> {
						work(this.ids.incrementAndGet());
						application.jdbc().queryForObject("select count(*) from work where id = ?", Long.class, 1);
					});
				}
			}))
			.toList();
		threads.forEach(CompletableFuture::join);
		assertThat(count("work")).isEqualTo(400);
		assertThat(count("db_resilience.commit_token") - tokens).isEqualTo(400);
	}

	@Test
	void theIsolationIsThatOfTheTransactionAndOfNoOther() throws SQLException {
		TransactionTemplate serializable = new TransactionTemplate(application.transaction().getTransactionManager());
		serializable.setIsolationLevel(TransactionDefinition.ISOLATION_SERIALIZABLE);
		for (int i = 0; i < 20; i++) {
			assertThat(serializable.<String>execute((status) -> isolation())).isEqualTo("serializable");
			assertThat(application.transaction().<String>execute((status) -> isolation())).isEqualTo("read committed");
		}
		try (Connection connection = application.dataSource().getConnection()) {
			connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
			assertThat(connection.getTransactionIsolation()).isEqualTo(Connection.TRANSACTION_REPEATABLE_READ);
			connection.setAutoCommit(false);
			for (int i = 0; i < 5; i++) {
				try (var row = connection.createStatement().executeQuery("show transaction_isolation")) {
					row.next();
					assertThat(row.getString(1)).isEqualTo("repeatable read");
				}
				connection.commit();
			}
		}
	}

	@ParameterizedTest
	@EnumSource(value = CommitLossIT.Loss.class, names = { "REPLY_DROPPED", "COMMIT_DROPPED", "COMMIT_DELAYED" })
	void aCommitThatIsLostBeforeThePoolerIsToldTruly(CommitLossIT.Loss loss) {
		lose(before, loss, "before PgBouncer");
	}

	@ParameterizedTest
	@EnumSource(CommitLossIT.Loss.class)
	void aCommitThatIsLostBehindThePoolerIsToldTruly(CommitLossIT.Loss loss) {
		lose(behind, loss, "behind PgBouncer");
	}

	@Test
	void aCommitThatArrivesAfterTheAnswerIsFencedOff() {
		for (int round = 0; round < ROUNDS; round++) {
			int id = this.ids.incrementAndGet();
			CommitFault fault = behind.arm(CommitScript.delayCommit().when((sql) -> sql.contains("mark")));
			assertThat(Tally.outcomeOf(() -> application.transaction().executeWithoutResult((status) -> work(id))))
				.isEqualTo(CommitOutcome.NOT_COMMITTED);
			fault.await(PATIENCE);
			fault.release();
			assertThat(fault.awaitReplies(PATIENCE).get(0)).contains("ERROR 23505");
			assertThat(count("work where id = " + id)).isZero();
		}
	}

	private void lose(FaultProxy proxy, CommitLossIT.Loss loss, String where) {
		Tally tally = new Tally(loss + " " + where);
		for (int round = 0; round < ROUNDS; round++) {
			int id = this.ids.incrementAndGet();
			CommitFault fault = proxy.arm(loss.script().when((sql) -> sql.contains("mark")));
			tally.count(id,
					Tally.outcomeOf(() -> application.transaction().executeWithoutResult((status) -> work(id))));
			fault.await(PATIENCE);
			fault.release();
		}
		Awaitility.await()
			.atMost(PATIENCE)
			.until(() -> count("pg_stat_activity where usename = '" + server.username()
					+ "' and (xact_start is not null or state = 'active')") == 0);
		tally.check((id) -> count("work where id = " + id));
		assertThat(tally.wrong()).isEmpty();
		assertThat(tally.told(CommitOutcome.UNKNOWN)).isZero();
	}

	private static String isolation() {
		return application.jdbc().queryForObject("show transaction_isolation", String.class);
	}

	private static void work(int id) {
		application.jdbc().update("insert into work values (?)", id);
	}

	private static int count(String from) {
		try (Connection admin = server.connect();
				var row = admin.createStatement().executeQuery("select count(*) from " + from)) {
			row.next();
			return row.getInt(1);
		}
		catch (SQLException ex) {
			throw new IllegalStateException(ex);
		}
	}

}
