// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.commit;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

import io.github.dbresilience.fault.FaultClassifier;
import io.github.dbresilience.fault.Phase;
import io.github.dbresilience.retry.Deadline;
import io.github.dbresilience.retry.Sleeper;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGStatement;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks the server that is primary now what became of a commit token, on fresh connections
 * outside the pool, until it knows or the deadline is over. Thread-safe.
 */
final class OutcomeResolver {

	private static final Logger logger = LoggerFactory.getLogger(OutcomeResolver.class);

	/**
	 * So many ask at the same time; a server that has just come back is not rushed at.
	 */
	private static final int AT_ONCE = 4;

	private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(2);

	/** How long one question waits for a COMMIT that is under way. */
	private static final Duration LOCK_TIMEOUT = Duration.ofMillis(500);

	/** Longer than a message takes whose packets are sent again. */
	private static final Duration SILENCE = Duration.ofSeconds(2);

	private static final Duration LONGEST_PAUSE = Duration.ofMillis(250);

	private static final String LOCK_NOT_AVAILABLE = "55P03";

	private final String dataSource;

	private final TokenSchema schema;

	private final Duration oldest;

	private final ConnectionOpener opener;

	private final Sleeper sleeper;

	private final Semaphore asking = new Semaphore(AT_ONCE);

	/**
	 * Creates a resolver.
	 * @param dataSource the bean name of the data source
	 * @param schema names the functions
	 * @param oldest a token that is older may have been deleted
	 * @param opener opens its connections
	 * @param sleeper waits between questions
	 */
	OutcomeResolver(String dataSource, TokenSchema schema, Duration oldest, ConnectionOpener opener, Sleeper sleeper) {
		this.dataSource = dataSource;
		this.schema = schema;
		this.oldest = oldest;
		this.opener = opener;
		this.sleeper = sleeper;
	}

	/**
	 * Finds out what became of a token. The answer is final.
	 * @param token the token
	 * @param session the session that was sent it, {@code null} if that is not known
	 * @param deadline when to give up
	 * @return the answer
	 */
	Resolution resolve(CommitToken token, @Nullable ServerSession session, Deadline deadline) {
		String last = "no time was left to ask";
		try {
			if (!this.asking.tryAcquire() && !this.asking.tryAcquire(deadline.remainingNanos(), TimeUnit.NANOSECONDS)) {
				return Resolution.unknown("too many lost commits are being looked for");
			}
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			return Resolution.unknown("interrupted");
		}
		try {
			for (int tries = 0; !deadline.isOver(); tries++) {
				if (tries > 0) {
					pause(tries, deadline);
				}
				try {
					return ask(token, session, deadline);
				}
				catch (SQLException ex) {
					last = FaultClassifier.classify(ex, Phase.ACQUISITION).describe();
					logger.debug("{} - commit token {} not resolved yet: {}", this.dataSource, token.id(), last);
				}
			}
			return Resolution.unknown("gave up after " + deadline.elapsed().toMillis() + " ms: " + last);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			return Resolution.unknown("interrupted while waiting for the database: " + last);
		}
		finally {
			this.asking.release();
		}
	}

	private void pause(int tries, Deadline deadline) throws InterruptedException {
		long bound = Math.min(LONGEST_PAUSE.toNanos(), TimeUnit.MILLISECONDS.toNanos(20L << Math.min(tries, 6)));
		long nanos = Math.min(ThreadLocalRandom.current().nextLong(bound / 2, bound), deadline.remainingNanos());
		this.sleeper.sleep(Duration.ofNanos(nanos));
	}

	private Resolution ask(CommitToken token, @Nullable ServerSession session, Deadline deadline) throws SQLException {
		Duration rest = Duration.ofNanos(deadline.remainingNanos());
		try (Connection connection = this.opener.open(shorter(rest, CONNECT_TIMEOUT), "commit outcome")) {
			int millis = (int) Math.max(1, TimeUnit.NANOSECONDS.toMillis(deadline.remainingNanos()));
			connection.setNetworkTimeout(Runnable::run, millis);
			Resolution resolution;
			try (Statement statement = connection.createStatement()) {
				resolution = ask(token, session, statement, millis);
			}
			if (token.isOlderThan(this.oldest)) {
				return Resolution.unknown("the token may have been deleted meanwhile");
			}
			if (resolution.outcome() == CommitOutcome.NOT_COMMITTED) {
				endOrphan(session, connection);
			}
			return resolution;
		}
	}

	/**
	 * Settings are those of the transaction alone: behind a pooler the session is not
	 * ours.
	 */
	private Resolution ask(CommitToken token, @Nullable ServerSession session, Statement statement, int millis)
			throws SQLException {
		statement.execute("begin isolation level read committed read write; set local statement_timeout = " + millis
				+ "; set local lock_timeout = " + Math.min(millis, LOCK_TIMEOUT.toMillis()));
		boolean committed;
		try {
			committed = committed(token, statement.getConnection());
		}
		catch (SQLException ex) {
			statement.execute("rollback");
			if (LOCK_NOT_AVAILABLE.equals(ex.getSQLState())) {
				endStuckSession(session, statement);
			}
			throw ex;
		}
		statement.clearWarnings();
		statement.execute("commit");
		if (statement.getWarnings() != null) {
			return Resolution.unknown("committed on the primary, but the wait for a synchronous standby was cancelled: "
					+ statement.getWarnings().getMessage());
		}
		return new Resolution(committed ? CommitOutcome.COMMITTED : CommitOutcome.NOT_COMMITTED, "");
	}

	private boolean committed(CommitToken token, Connection connection) throws SQLException {
		try (PreparedStatement statement = connection.prepareStatement(this.schema.resolve())) {
			statement.unwrap(PGStatement.class).setPrepareThreshold(0);
			statement.setObject(1, token.id());
			try (ResultSet row = statement.executeQuery()) {
				row.next();
				return row.getBoolean(1);
			}
		}
	}

	/**
	 * The token was left, and COMMIT did not follow it. Behind a pooler any session that
	 * has been silent for a while may be the one, and none of them can go on.
	 */
	private void endStuckSession(@Nullable ServerSession session, Statement statement) throws SQLException {
		String stuck = (session != null && session.direct())
				? this.schema.stuckSessions(Duration.ZERO) + " where s = " + session.pid()
				: this.schema.stuckSessions(SILENCE);
		statement.execute("select pg_catalog.pg_terminate_backend(s) from " + stuck);
	}

	/**
	 * The session that was to commit may still hold its locks, which another attempt at
	 * the same work would wait for.
	 */
	private void endOrphan(@Nullable ServerSession session, Connection connection) {
		if (session == null || !session.direct()) {
			return;
		}
		try (PreparedStatement statement = connection.prepareStatement("""
				select pg_catalog.pg_terminate_backend(pid) from pg_catalog.pg_stat_activity
				where pid = ? and (extract(epoch from backend_start) * 1000000)::bigint = ?""")) {
			statement.setInt(1, session.pid());
			statement.setLong(2, session.startMicros());
			statement.execute();
		}
		catch (SQLException ex) {
			logger.warn("{} - the session {} of a lost COMMIT could not be ended and may hold locks: [{}] {}",
					this.dataSource, session.pid(), ex.getSQLState(), ex.getMessage());
		}
	}

	private static Duration shorter(Duration one, Duration other) {
		return (one.compareTo(other) < 0) ? one : other;
	}

	/**
	 * An answer.
	 *
	 * @param outcome what became of the transaction
	 * @param why why it is unknown, for an operator; empty otherwise
	 */
	record Resolution(CommitOutcome outcome, String why) {

		static Resolution unknown(String why) {
			return new Resolution(CommitOutcome.UNKNOWN, why);
		}

	}

}
