// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.commit;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

import com.zaxxer.hikari.SQLExceptionOverride;
import io.github.dbresilience.testing.CommitFault;
import io.github.dbresilience.testing.CommitScript;
import io.github.dbresilience.testing.FaultProxy;
import io.github.dbresilience.testing.PostgresServer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * COMMITs that are lost on their way, or whose answer is: the outcome that the
 * application is told is compared with what the table says. A tenth of the rounds is run
 * by default, all of them with {@code -Ddb.resilience.commit-loss.rounds=200}.
 */
class CommitLossIT {

	private static final int ROUNDS = Integer.getInteger("db.resilience.commit-loss.rounds", 20);

	private static final Duration PATIENCE = Duration.ofSeconds(20);

	private static PostgresServer server;

	private static FaultProxy proxy;

	private static Application application;

	private final AtomicInteger ids = new AtomicInteger();

	@BeforeAll
	static void start() throws SQLException {
		server = PostgresServer.create();
		proxy = FaultProxy.to(server);
		try (Connection admin = server.connect()) {
			admin.createStatement()
				.execute("create table work (id int); create table counter (value int); insert into counter values (0);"
						+ "grant all on work, counter to public");
		}
		application = Application.start(proxy.jdbcUrl(), server.username(), server.password(),
				"spring.datasource.hikari.maximum-pool-size=4");
	}

	@AfterAll
	static void stop() {
		application.close();
		proxy.close();
		server.close();
	}

	@AfterEach
	void clear() {
		proxy.disarm();
		application.jdbc().execute("truncate work");
	}

	@ParameterizedTest
	@EnumSource(Loss.class)
	void theOutcomeIsKnownAndTrueWithSpring(Loss loss) {
		Tally tally = new Tally(loss.toString());
		for (int round = 0; round < ROUNDS; round++) {
			int id = this.ids.incrementAndGet();
			CommitFault fault = proxy.arm(loss.script);
			tally.count(id,
					Tally.outcomeOf(() -> application.transaction().executeWithoutResult((status) -> work(id))));
			fault.await(PATIENCE);
			fault.release();
		}
		settle();
		tally.check(CommitLossIT::occurrences);
		assertThat(tally.wrong()).isEmpty();
		assertThat(tally.told((loss == Loss.REPLY_DROPPED) ? CommitOutcome.COMMITTED : CommitOutcome.NOT_COMMITTED))
			.isEqualTo(ROUNDS);
	}

	@ParameterizedTest
	@EnumSource(Loss.class)
	void theOutcomeIsKnownAndTrueOnAPlainConnection(Loss loss) {
		Tally tally = new Tally(loss + ", plain connection");
		for (int round = 0; round < ROUNDS / 4; round++) {
			int id = this.ids.incrementAndGet();
			CommitFault fault = proxy.arm(loss.script);
			tally.count(id, Tally.outcomeOf(() -> plain(id)));
			fault.await(PATIENCE);
			fault.release();
		}
		settle();
		tally.check(CommitLossIT::occurrences);
		assertThat(tally.wrong()).isEmpty();
		assertThat(tally.told(CommitOutcome.UNKNOWN)).isZero();
	}

	@Test
	void anotherAttemptIsNotBlockedByTheLocksOfTheOrphan() {
		for (Loss loss : List.of(Loss.COMMIT_DROPPED_SESSION_KEPT, Loss.COMMIT_DROPPED_TOKEN_LEFT)) {
			CommitFault fault = proxy.arm(loss.script);
			assertThat(Tally.outcomeOf(() -> application.transaction().executeWithoutResult((status) -> increment())))
				.isEqualTo(CommitOutcome.NOT_COMMITTED);
			long start = System.nanoTime();
			application.transaction().executeWithoutResult((status) -> increment());
			assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(3));
			fault.release();
		}
	}

	@Test
	void aPoolThatIsToldToKeepItsBrokenConnectionsIsToldTheTruthToo() throws SQLException {
		try (Application keeping = Application.start(proxy.jdbcUrl(), server.username(), server.password(),
				"spring.datasource.hikari.exception-override-class-name=" + NeverEvict.class.getName());
				Connection connection = keeping.connection()) {
			proxy.arm(CommitScript.dropReply());
			connection.createStatement().execute("insert into work values (1)");
			connection.commit();
			connection.commit();
			connection.setAutoCommit(true);
			assertThat(count("work where id = 1")).isEqualTo(1);
		}
	}

	@Test
	void callbacksAreToldTheTruth() {
		proxy.arm(CommitScript.dropReply());
		assertThat(completionOf(1)).isEqualTo(TransactionSynchronization.STATUS_COMMITTED);
		proxy.arm(CommitScript.dropCommit());
		assertThat(completionOf(2)).isEqualTo(TransactionSynchronization.STATUS_ROLLED_BACK);
	}

	@Test
	void whereNobodyAnswersTheOutcomeIsUnknownAndNotAGuess() {
		try (Application impatient = Application.start(proxy.jdbcUrl(), server.username(), server.password(),
				"db.resilience.commit-outcome.max-wait=500ms")) {
			proxy.arm(CommitScript.dropReply());
			long start = System.nanoTime();
			assertThat(Tally.outcomeOf(() -> impatient.transaction().executeWithoutResult((status) -> {
				impatient.jdbc().update("insert into work values (1)");
				proxy.refuse();
			}))).isEqualTo(CommitOutcome.UNKNOWN);
			assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(5));
			assertThat(impatient.commits().statistics().lostCount(CommitOutcome.UNKNOWN)).isEqualTo(1);
		}
		finally {
			proxy.accept();
		}
	}

	private static int completionOf(int id) {
		AtomicInteger completion = new AtomicInteger(-1);
		Tally.outcomeOf(() -> application.transaction().executeWithoutResult((status) -> {
			TransactionSynchronizationManager.registerSynchronization(new TransactionSynchronization() {
				@Override
				public void afterCompletion(int result) {
					completion.set(result);
				}
			});
			work(id);
		}));
		return completion.get();
	}

	private static void work(int id) {
		application.jdbc().update("insert into work values (?)", id);
	}

	private static void increment() {
		application.jdbc().update("update counter set value = value + 1");
	}

	private static void plain(int id) {
		try (Connection connection = application.connection()) {
			connection.createStatement().execute("insert into work values (" + id + ")");
			connection.commit();
		}
		catch (SQLException ex) {
			throw new IllegalStateException(ex);
		}
	}

	/**
	 * Lets what is still under way arrive and do its worst, before the table is read.
	 */
	private static void settle() {
		Awaitility.await()
			.atMost(PATIENCE)
			.until(() -> count("pg_stat_activity where application_name <> '' and pid <> pg_backend_pid() "
					+ "and (xact_start is not null or state = 'active') and backend_type = 'client backend'") == 0);
	}

	private static int occurrences(int id) {
		return count("work where id = " + id);
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

	/**
	 * A user's override that keeps every connection.
	 */
	public static class NeverEvict implements SQLExceptionOverride {

		@java.lang.Override
		public Override adjudicate(SQLException exception) {
			return Override.DO_NOT_EVICT;
		}

	}

	enum Loss {

		REPLY_DROPPED(CommitScript.dropReply()),

		COMMIT_DROPPED(CommitScript.dropCommit()),

		COMMIT_DROPPED_SESSION_KEPT(CommitScript.dropCommit().keepSession()),

		COMMIT_DROPPED_TOKEN_LEFT(CommitScript.dropCommit().letOthersThrough().keepSession()),

		COMMIT_DELAYED(CommitScript.delayCommit());

		private final CommitScript script;

		Loss(CommitScript script) {
			this.script = script;
		}

		CommitScript script() {
			return this.script;
		}

	}

}
