// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.chaos;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import io.github.dbresilience.testing.PostgresServer;
import io.github.dbresilience.testing.PrimaryAndStandby;
import io.github.dbresilience.testing.PrimaryAndStandby.Replication;
import io.github.dbresilience.testing.Seed;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.junit.jupiter.api.Test;

import org.springframework.boot.convert.DurationStyle;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Concurrent callers through real faults, in an order that a seed draws: nothing that was
 * acknowledged is lost, nothing happens twice, nothing that was refused is there, and
 * everything else can be explained by a serial order.
 * {@code db.resilience.chaos.duration} makes it a long run,
 * {@code db.resilience.test.seed} repeats one.
 */
class ChaosIT {

	private static final Log logger = LogFactory.getLog(ChaosIT.class);

	private static final List<ActionKind> ALL = List.of(ActionKind.values());

	private static final List<ActionKind> WITH_ID = List.of(ActionKind.TRANSFER, ActionKind.INSERT);

	private final Seed seed = Seed.take();

	@Test
	void nothingIsLostOrDoubledWhenOneServerFails() throws Exception {
		try (PostgresServer server = PostgresServer.builder().setting("deadlock_timeout", "100ms").start();
				ChaosRun run = new ChaosRun(() -> server, this.seed)) {
			Application jdbc = run.with(Application.jdbc(run.properties()));
			Application jpa = run.with(Application.jpa(run.properties("db.resilience.retry.transactions=all")));
			run.workload().start("jdbc", 4, jdbc.ledger(), ALL, Outcomes::told);
			run.workload().start("jpa", 4, jpa.ledger(), ALL, Outcomes::told);
			run.workload().start(ChaosRun.AUTOCOMMIT, 2, jdbc.autocommitLedger(), ALL, Outcomes::guessed);
			List<Fault> faults = new ArrayList<>(new SessionFaults(server).all());
			NetworkFaults network = new NetworkFaults(run.proxy());
			faults.addAll(network.all());
			List<Fault> outages = new ServerFaults(server).all();
			faults.addAll(outages);
			faults.addAll(network.lostCommitAnd(outages));
			run.nemesis().rage(faults, duration("12s"));
			assertThat(judge(run).findings()).as(this.seed.toString()).isEmpty();
		}
	}

	@Test
	void nothingIsLostOrDoubledWhenASynchronousStandbyTakesOver() throws Exception {
		try (PrimaryAndStandby servers = PrimaryAndStandby.start(Replication.SYNCHRONOUS);
				ChaosRun run = new ChaosRun(servers::primary, this.seed)) {
			Application application = run.with(Application.jdbc(run.properties()));
			run.workload().start("jdbc", 6, application.ledger(), ALL, Outcomes::told);
			FailoverFaults faults = new FailoverFaults(servers, run.proxy(), new Remains());
			run.nemesis().rage(faults.synchronous(), duration("4s"));
			assertThat(judge(run).findings()).as(this.seed.toString()).isEmpty();
		}
	}

	@Test
	void onlyPostgresItselfLosesWorkWhenAnAsynchronousStandbyTakesOver() throws Exception {
		try (PrimaryAndStandby servers = PrimaryAndStandby.start(Replication.ASYNCHRONOUS);
				ChaosRun run = new ChaosRun(servers::primary, this.seed)) {
			Application application = run.with(Application.jdbc(run.properties()));
			run.workload().start("jdbc", 6, application.ledger(), WITH_ID, Outcomes::told);
			Remains remains = new Remains();
			FailoverFaults faults = new FailoverFaults(servers, run.proxy(), remains);
			run.nemesis().rage(faults.asynchronous(), duration("4s"));
			faults.examine();
			Verdict verdict = judge(run);
			logger.info("Acknowledged commits that PostgreSQL has lost: " + remains.lostByServer(verdict));
			assertThat(remains.without(verdict).findings()).as(this.seed.toString()).isEmpty();
		}
	}

	@Test
	void withoutTokensALostAnswerIsUnknownAndNothingIsDoubled() throws Exception {
		try (PostgresServer server = PostgresServer.create(); ChaosRun run = new ChaosRun(() -> server, this.seed)) {
			Application application = run
				.with(Application.jdbc(run.properties("db.resilience.commit-outcome.strategy=off")));
			run.workload().start("off", 6, application.ledger(), ALL, Outcomes::told);
			run.nemesis().repeat(new NetworkFaults(run.proxy()).lostReply(), 5);
			Verdict verdict = judge(run);
			assertThat(verdict.findings()).as(this.seed.toString()).isEmpty();
			assertThat(verdict.history().count(Outcome.UNKNOWN)).isPositive();
		}
	}

	/** The test of the test. */
	@Test
	void aNaiveRetryIsFoundOut() throws Exception {
		try (PostgresServer server = PostgresServer.create(); ChaosRun run = new ChaosRun(() -> server, this.seed)) {
			Application application = run.with(Application.jdbc(run.properties("db.resilience.enabled=false")));
			run.workload().start("naive", 6, new NaiveRetryLedger(application.ledger()), ALL, Outcomes::guessed);
			run.nemesis().repeat(new NetworkFaults(run.proxy()).lostReply(), 8);
			Verdict verdict = run.finish();
			logger.info("Naive retry: " + verdict);
			assertThat(verdict.duplicated()).isPositive();
		}
	}

	private static Verdict judge(ChaosRun run) throws Exception {
		Verdict verdict = run.finish();
		logger.info(run.report(verdict));
		assertThat(verdict.history().count(Outcome.OK)).isGreaterThan(20);
		return verdict;
	}

	private static Duration duration(String standard) {
		return DurationStyle.detectAndParse(System.getProperty("db.resilience.chaos.duration", standard));
	}

}
