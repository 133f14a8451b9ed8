// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.commit;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;

import io.github.dbresilience.testing.CommitFault;
import io.github.dbresilience.testing.CommitScript;
import io.github.dbresilience.testing.FaultProxy;
import io.github.dbresilience.testing.PostgresServer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * A COMMIT or its answer is lost, and right after it the postmaster and all its backends
 * are killed. A tenth of the rounds is run by default, all of them with
 * {@code -Ddb.resilience.commit-loss.rounds=200}.
 */
class CommitLossAcrossCrashIT {

	private static final int ROUNDS = Math.max(2, Integer.getInteger("db.resilience.commit-loss.rounds", 20) / 10);

	private static final Duration PATIENCE = Duration.ofSeconds(20);

	private static PostgresServer server;

	private static FaultProxy proxy;

	@BeforeAll
	static void start() throws SQLException {
		server = PostgresServer.create();
		proxy = FaultProxy.to(server);
		admin("create table work (id int); grant all on work to public");
	}

	@AfterAll
	static void stop() {
		proxy.close();
		server.close();
	}

	@ParameterizedTest
	@EnumSource(CommitLossIT.Loss.class)
	void theOutcomeIsKnownAndTrue(CommitLossIT.Loss loss) throws SQLException {
		admin("truncate work");
		Tally tally = new Tally(loss + " and kill -9");
		try (Application application = Application.start(proxy.jdbcUrl(), server.username(), server.password(),
				"spring.datasource.hikari.maximum-pool-size=4")) {
			for (int round = 0; round < ROUNDS; round++) {
				int id = round;
				CommitFault fault = proxy.arm(loss.script());
				CompletableFuture<Void> crash = CompletableFuture.runAsync(() -> crashAfter(fault));
				tally.count(id, Tally.outcomeOf(() -> application.transaction()
					.executeWithoutResult((status) -> application.jdbc().update("insert into work values (?)", id))));
				crash.join();
				fault.release();
			}
		}
		tally.check((id) -> count("work where id = " + id));
		assertThat(tally.wrong()).isEmpty();
		assertThat(tally
			.told((loss == CommitLossIT.Loss.REPLY_DROPPED) ? CommitOutcome.COMMITTED : CommitOutcome.NOT_COMMITTED))
			.isEqualTo(ROUNDS);
	}

	/**
	 * A test of the test: what PostgreSQL itself says of a transaction id is another
	 * transaction's outcome after a crash.
	 */
	@Test
	void theStatusOfTheTransactionIdWouldBeWrong() throws SQLException {
		int wrong = 0;
		for (int round = 0; round < ROUNDS; round++) {
			admin("truncate work");
			String xid = loseCommit();
			for (int other = 0; other < 5; other++) {
				admin("insert into work values (100)");
			}
			boolean saidCommitted = count(
					"(select pg_xact_status('%s') s) x where s = 'committed'".formatted(xid)) == 1;
			boolean isCommitted = count("work where id = 1") == 1;
			wrong += (saidCommitted != isCommitted) ? 1 : 0;
		}
		assertThat(wrong).isPositive();
	}

	private static String loseCommit() throws SQLException {
		CommitFault fault = proxy.arm(CommitScript.dropCommit().keepSession());
		CompletableFuture<Void> crash = CompletableFuture.runAsync(() -> crashAfter(fault));
		try (Connection connection = DriverManager.getConnection(proxy.jdbcUrl(), server.username(),
				server.password())) {
			connection.setAutoCommit(false);
			connection.createStatement().execute("insert into work values (1)");
			try (var row = connection.createStatement().executeQuery("select pg_current_xact_id()")) {
				row.next();
				String xid = row.getString(1);
				assertThatExceptionOfType(SQLException.class).isThrownBy(connection::commit);
				crash.join();
				return xid;
			}
		}
	}

	private static void crashAfter(CommitFault fault) {
		fault.await(PATIENCE);
		server.killPostmasterAndBackends();
		server.start();
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

	private static void admin(String sql) throws SQLException {
		try (Connection admin = server.connect(); Statement statement = admin.createStatement()) {
			statement.execute(sql);
		}
	}

}
