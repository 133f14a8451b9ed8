// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.commit;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

import io.github.dbresilience.testing.CommitFault;
import io.github.dbresilience.testing.FaultProxy;
import io.github.dbresilience.testing.PrimaryAndStandby;
import io.github.dbresilience.testing.PrimaryAndStandby.Replication;
import org.awaitility.Awaitility;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A COMMIT or its answer is lost, the primary is killed and its standby promoted before
 * anybody can be asked. In every other round the standby does not get the last bytes. A
 * tenth of the rounds is run by default, all of them with
 * {@code -Ddb.resilience.commit-loss.rounds=200}.
 */
class CommitLossAcrossPromotionIT {

	private static final int ROUNDS = Math.max(2, Integer.getInteger("db.resilience.commit-loss.rounds", 20) / 10);

	private static final Duration PATIENCE = Duration.ofSeconds(20);

	@ParameterizedTest
	@CsvSource({ "ASYNCHRONOUS, REPLY_DROPPED", "ASYNCHRONOUS, COMMIT_DROPPED_SESSION_KEPT",
			"ASYNCHRONOUS, COMMIT_DELAYED", "SYNCHRONOUS, REPLY_DROPPED", "SYNCHRONOUS, COMMIT_DROPPED_SESSION_KEPT",
			"SYNCHRONOUS, COMMIT_DELAYED" })
	void theOutcomeIsKnownAndTrue(Replication replication, CommitLossIT.Loss loss) throws SQLException {
		Tally tally = new Tally(loss + ", " + replication + " promotion");
		try (PrimaryAndStandby pair = PrimaryAndStandby.start(replication);
				FaultProxy proxy = FaultProxy.to(pair.primary())) {
			admin(pair, "create table work (id int); grant all on work to public");
			try (Application application = Application.start(proxy.jdbcUrl(), pair.primary().username(),
					pair.primary().password(), "spring.datasource.hikari.maximum-pool-size=4")) {
				for (int round = 0; round < ROUNDS; round++) {
					boolean behind = round % 2 == 1;
					tally.count(round, outcomeOf(application, pair, proxy, loss, round, behind));
					pair.rebuild();
				}
			}
			tally.check((id) -> count(pair, "work where id = " + id));
		}
		assertThat(tally.wrong()).isEmpty();
		assertThat(tally.told(CommitOutcome.UNKNOWN)).isZero();
		assertThat(tally.told(CommitOutcome.COMMITTED))
			.isEqualTo((loss == CommitLossIT.Loss.REPLY_DROPPED) ? (ROUNDS + 1) / 2 : 0);
	}

	private static CommitOutcome outcomeOf(Application application, PrimaryAndStandby pair, FaultProxy proxy,
			CommitLossIT.Loss loss, int id, boolean behind) {
		pair.awaitCaughtUp();
		CommitFault fault = proxy.arm(loss.script());
		CompletableFuture<Void> failover = new CompletableFuture<>();
		CommitOutcome outcome = Tally.outcomeOf(() -> application.transaction().executeWithoutResult((status) -> {
			application.jdbc().update("insert into work values (?)", id);
			if (behind) {
				pair.holdReplication();
			}
			proxy.refuse();
			CompletableFuture.runAsync(() -> failOver(pair, proxy, fault, behind))
				.whenComplete((done, failure) -> complete(failover, failure));
		}));
		failover.join();
		proxy.disarm();
		fault.release();
		return outcome;
	}

	private static void complete(CompletableFuture<Void> failover, Throwable failure) {
		if (failure != null) {
			failover.completeExceptionally(new CompletionException(failure));
		}
		else {
			failover.complete(null);
		}
	}

	private static void failOver(PrimaryAndStandby pair, FaultProxy proxy, CommitFault fault, boolean behind) {
		Awaitility.await()
			.atMost(PATIENCE)
			.until(() -> fault.happened() > 0
					|| count(pair, "pg_stat_activity where wait_event = 'SyncRep' and usename = 'app'") > 0);
		if (!behind) {
			pair.awaitCaughtUp();
		}
		pair.failOver();
		proxy.retarget(pair.primary());
		proxy.accept();
	}

	private static int count(PrimaryAndStandby pair, String from) {
		try (Connection admin = pair.primary().connect();
				var row = admin.createStatement().executeQuery("select count(*) from " + from)) {
			row.next();
			return row.getInt(1);
		}
		catch (SQLException ex) {
			throw new IllegalStateException(ex);
		}
	}

	private static void admin(PrimaryAndStandby pair, String sql) throws SQLException {
		try (Connection admin = pair.primary().connect()) {
			admin.createStatement().execute(sql);
		}
	}

}
