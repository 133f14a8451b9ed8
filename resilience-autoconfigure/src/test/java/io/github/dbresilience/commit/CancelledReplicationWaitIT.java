// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.commit;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.CompletableFuture;

import io.github.dbresilience.testing.PrimaryAndStandby;
import io.github.dbresilience.testing.PrimaryAndStandby.Replication;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A COMMIT that waits for a synchronous standby which does not answer, and whose wait is
 * cancelled: the transaction is committed, but a failover may lose it.
 */
@ExtendWith(OutputCaptureExtension.class)
class CancelledReplicationWaitIT {

	private static PrimaryAndStandby pair;

	private static Application application;

	@BeforeAll
	static void start() throws SQLException {
		pair = PrimaryAndStandby.start(Replication.SYNCHRONOUS);
		try (Connection admin = pair.primary().connect()) {
			admin.createStatement().execute("create table work (id int); grant all on work to public");
		}
		application = Application.start(pair.primary().jdbcUrl(), pair.primary().username(), pair.primary().password(),
				"db.resilience.commit-outcome.max-wait=3s");
	}

	@AfterAll
	static void stop() {
		application.close();
		pair.close();
	}

	@AfterEach
	void resume() {
		pair.resumeReplication();
		pair.awaitCaughtUp();
	}

	@Test
	void aCommitThatReturnsNormallyRaisesAnAlert(CapturedOutput output) {
		long before = application.commits().statistics().unreplicatedCount();
		CompletableFuture<Void> cancelled = whenItWaits("pg_cancel_backend");
		assertThat(commit(1)).isEqualTo(CommitOutcome.COMMITTED);
		cancelled.join();
		assertThat(application.commits().statistics().unreplicatedCount()).isEqualTo(before + 1);
		assertThat(output).contains("a failover may lose it");
	}

	@Test
	void aSessionThatIsEndedInItsWaitIsFoundButNotCalledCommittedBeforeItIsReplicated() {
		CompletableFuture<Void> ended = whenItWaits("pg_terminate_backend");
		assertThat(commit(2)).isEqualTo(CommitOutcome.UNKNOWN);
		ended.join();
	}

	@Test
	void onceTheStandbyIsBackItIsCommitted() {
		CompletableFuture<Void> ended = whenItWaits("pg_terminate_backend").thenRun(pair::resumeReplication);
		assertThat(commit(3)).isEqualTo(CommitOutcome.COMMITTED);
		ended.join();
	}

	@Test
	void aResolverWhoseOwnWaitIsCancelledDoesNotCallItCommitted() {
		CompletableFuture<Void> ended = whenItWaits("pg_terminate_backend")
			.thenCompose((unused) -> whenItWaits("pg_cancel_backend"));
		assertThat(commit(4)).isEqualTo(CommitOutcome.UNKNOWN);
		ended.join();
	}

	private static CommitOutcome commit(int id) {
		return Tally.outcomeOf(() -> application.transaction().executeWithoutResult((status) -> {
			application.jdbc().update("insert into work values (?)", id);
			pair.holdReplication();
		}));
	}

	/**
	 * Does something to the session that waits for the standby, as soon as one does.
	 */
	private static CompletableFuture<Void> whenItWaits(String function) {
		return CompletableFuture.runAsync(() -> {
			try (Connection admin = pair.primary().connect(); var statement = admin.createStatement()) {
				Awaitility.await().until(() -> {
					try (var row = statement.executeQuery("select " + function
							+ "(pid) from pg_stat_activity where wait_event = 'SyncRep' and usename <> current_user")) {
						return row.next();
					}
				});
			}
			catch (SQLException ex) {
				throw new IllegalStateException(ex);
			}
		});
	}

}
