// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.testing;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Callable;

import org.awaitility.Awaitility;

/**
 * Two real servers, of which one follows the other by streaming replication, to fail over
 * from one to the other again and again. Both keep their ports; their roles change.
 * <p>
 * The standby reads from the primary through a {@link FaultProxy}, so replication can be
 * held back: what was committed meanwhile is lost in a failover. Neither server ends a
 * replication that is silent.
 * <p>
 * Methods that change something are not for several threads at once; the others may be
 * called meanwhile. Failures are {@link IllegalStateException}s.
 */
public final class PrimaryAndStandby implements AutoCloseable {

	private static final Duration TIMEOUT = Duration.ofSeconds(30);

	private static final Map<String, String> SETTINGS = Map.of("wal_keep_size", "1GB", "wal_retrieve_retry_interval",
			"100ms", "wal_sender_timeout", "0", "wal_receiver_timeout", "0", "recovery_init_sync_method", "syncfs");

	private final Replication replication;

	private final PostgresServer first;

	private final PostgresServer second;

	private final FaultProxy link;

	private volatile PostgresServer primary;

	private PrimaryAndStandby(Replication replication, PostgresServer first, PostgresServer second) {
		this.replication = replication;
		this.first = first;
		this.second = second;
		this.primary = first;
		this.link = FaultProxy.to(first);
	}

	/**
	 * Starts both servers.
	 * @param replication whether a commit waits for the standby
	 * @return a primary and a standby that has caught up
	 */
	public static PrimaryAndStandby start(Replication replication) {
		return start(replication, Map.of());
	}

	/**
	 * Starts both servers with settings.
	 * @param replication whether a commit waits for the standby
	 * @param settings settings of both servers
	 * @return a primary and a standby that has caught up
	 */
	public static PrimaryAndStandby start(Replication replication, Map<String, String> settings) {
		PostgresServer first = PostgresServer.builder().settings(SETTINGS).settings(settings).prepare();
		PostgresServer second = PostgresServer.builder().settings(SETTINGS).settings(settings).prepare();
		PrimaryAndStandby servers = new PrimaryAndStandby(replication, first, second);
		try {
			first.start();
			servers.rebuild();
			return servers;
		}
		catch (RuntimeException ex) {
			servers.close();
			throw ex;
		}
	}

	/**
	 * {@return the server that is primary, or was before it was killed}
	 */
	public PostgresServer primary() {
		return this.primary;
	}

	/**
	 * {@return the other server: the standby or, after a promotion, the old primary}
	 */
	public PostgresServer standby() {
		return (this.primary == this.first) ? this.second : this.first;
	}

	/**
	 * {@return a URL of the database "app" with both servers, in an order that stays,
	 * without credentials and parameters}
	 */
	public String jdbcUrl() {
		return "jdbc:postgresql://localhost:" + this.first.port() + ",localhost:" + this.second.port() + "/"
				+ PostgresInstallation.USER;
	}

	/**
	 * {@return the way of the replication, to delay or to cut it}
	 */
	public FaultProxy link() {
		return this.link;
	}

	/**
	 * Lets nothing more reach the standby. With synchronous replication a commit then
	 * waits.
	 */
	public void holdReplication() {
		this.link.blackHole();
	}

	/**
	 * Lets reach the standby what was held back.
	 */
	public void resumeReplication() {
		this.link.heal();
	}

	/**
	 * Waits until the standby has replayed all that the primary has flushed by now, so
	 * all that was committed with synchronous_commit.
	 */
	public void awaitCaughtUp() {
		String position = query(this.primary, "select pg_current_wal_flush_lsn()");
		until("standby to catch up",
				() -> query(standby(), "select coalesce(pg_last_wal_replay_lsn() >= '" + position + "', false)")
					.equals("t"));
	}

	/**
	 * Kills the primary and all its children, as a crash of its machine would.
	 */
	public void killPrimary() {
		this.primary.killPostmasterAndBackends();
	}

	/**
	 * Makes the standby the primary. The old one is left as it is: if it runs, there are
	 * two from now on. The new one has no standby and does not wait for any.
	 * @return the new primary, which accepts writes
	 */
	public PostgresServer promote() {
		PostgresServer promoted = standby();
		if (!query(promoted, "select pg_promote(true, " + TIMEOUT.toSeconds() + ")").equals("t")) {
			throw new IllegalStateException("The standby was not promoted within " + TIMEOUT.toSeconds() + " s");
		}
		this.primary = promoted;
		return promoted;
	}

	/**
	 * Kills the primary and promotes the standby.
	 * @return the new primary
	 */
	public PostgresServer failOver() {
		killPrimary();
		return promote();
	}

	/**
	 * Makes the server that is not primary a standby that has caught up, from a new copy
	 * of the primary, which runs on. Whatever the old one was and did is lost.
	 */
	public void rebuild() {
		this.link.cut();
		this.link.heal();
		this.link.retarget(this.primary);
		execute(this.primary, "alter system reset synchronous_standby_names", "select pg_reload_conf()");
		standby().startAsStandby(this.primary, Map.of("primary_conninfo", connectionToPrimary()));
		awaitCaughtUp();
		if (this.replication == Replication.SYNCHRONOUS) {
			execute(this.primary, "alter system set synchronous_standby_names = '*'", "select pg_reload_conf()");
			until("synchronous replication",
					() -> query(this.primary, "select count(*) from pg_stat_replication where sync_state = 'sync'")
						.equals("1"));
		}
	}

	private String connectionToPrimary() {
		return "host=127.0.0.1 port=" + this.link.port() + " user=" + this.primary.adminUsername() + " password="
				+ this.primary.adminPassword() + " application_name=standby";
	}

	/**
	 * Ends both servers. A second call does nothing.
	 */
	@Override
	public void close() {
		this.link.close();
		this.first.close();
		this.second.close();
	}

	private static void until(String what, Callable<Boolean> condition) {
		Awaitility.await(what)
			.pollDelay(Duration.ZERO)
			.pollInterval(Duration.ofMillis(10))
			.atMost(TIMEOUT)
			.until(condition);
	}

	private static void execute(PostgresServer server, String... statements) {
		for (String sql : statements) {
			server.sql().execute(sql);
		}
	}

	private static String query(PostgresServer server, String sql) {
		return server.sql().query(sql, null);
	}

	/**
	 * Whether a commit waits for the standby.
	 */
	public enum Replication {

		/** It does not: a failover loses what has not arrived yet. */
		ASYNCHRONOUS,

		/** It waits until the standby has written it to its disk. */
		SYNCHRONOUS

	}

}
