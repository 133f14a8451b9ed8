// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.commit;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLTransactionRollbackException;
import java.sql.SQLWarning;
import java.time.Duration;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

import io.github.dbresilience.commit.OutcomeResolver.Resolution;
import io.github.dbresilience.fault.CommitOutcomeUnknownException;
import io.github.dbresilience.fault.Fault;
import io.github.dbresilience.fault.FaultClassifier;
import io.github.dbresilience.fault.FaultKind;
import io.github.dbresilience.fault.Phase;
import io.github.dbresilience.fault.Verdict;
import io.github.dbresilience.retry.Deadline;
import io.github.dbresilience.retry.RetryScope;
import io.github.dbresilience.retry.Sleeper;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGStatement;
import org.postgresql.core.TransactionState;
import org.postgresql.jdbc.PgConnection;
import org.postgresql.util.PSQLWarning;
import org.postgresql.util.ServerErrorMessage;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Commits the transactions of one data source such that their outcome is known even if
 * the answer to COMMIT is lost: the token and COMMIT go to the server as one message, and
 * the token is looked for when the connection breaks. Thread-safe.
 */
public final class CommitOutcomes {

	private static final Logger logger = LoggerFactory.getLogger(CommitOutcomes.class);

	/**
	 * Class 40: the transaction was rolled back.
	 */
	private static final String ROLLED_BACK = "40000";

	/**
	 * Half of the ten minutes below which no instance may delete a token, whatever its
	 * retention.
	 */
	private static final Duration MAX_TOKEN_AGE = Duration.ofMinutes(5);

	/** Cancelled by the user or by a time-out of the user's. */
	private static final String QUERY_CANCELED = "57014";

	/**
	 * The routine of the server whose warning says that a transaction is committed, but
	 * not known to be replicated. Its text is translated, its SQLState that of every
	 * warning.
	 */
	private static final String WAIT_FOR_STANDBY = "SyncRepWaitForLSN";

	private final String dataSource;

	private final CommitOutcomeSettings settings;

	private final TokenKeeper keeper;

	private final OutcomeResolver resolver;

	private final String markAndCommit;

	private final CommitStatistics statistics = new CommitStatistics();

	/**
	 * Creates the outcomes of one data source.
	 * @param dataSource its bean name
	 * @param settings how outcomes are found out
	 * @param opener opens connections outside the pool
	 * @param away whether the database is known to be away
	 */
	public CommitOutcomes(String dataSource, CommitOutcomeSettings settings, ConnectionOpener opener,
			BooleanSupplier away) {
		TokenSchema schema = new TokenSchema(settings.schema());
		this.dataSource = dataSource;
		this.settings = settings;
		this.keeper = new TokenKeeper(dataSource, settings, schema, opener);
		this.resolver = new OutcomeResolver(dataSource, schema, MAX_TOKEN_AGE, new PatientOpener(opener, away),
				Sleeper.real());
		this.markAndCommit = schema.markAndCommit();
	}

	/**
	 * Looks after the table of the tokens.
	 * @return the keeper
	 */
	public TokenKeeper keeper() {
		return this.keeper;
	}

	/**
	 * What became of lost COMMITs.
	 * @return the live statistics
	 */
	public CommitStatistics statistics() {
		return this.statistics;
	}

	/**
	 * Commits the open transaction of a connection. If the answer is lost, the outcome is
	 * found out before the method returns.
	 * @param connection the connection as the pool handed it out, not read-only
	 * @param driver the driver's connection behind it, in an open transaction
	 * @param direct whether the session behind it stays the same
	 * @param session its session, {@code null} if that is not known
	 * @param plain commits without a token
	 * @return {@code false} if the connection was lost at a COMMIT that is done
	 * @throws CommitOutcomeUnknownException if the answer was lost and the outcome could
	 * not be found out
	 * @throws SQLTransactionRollbackException if the transaction is known not to be
	 * committed and may be tried again
	 * @throws SQLException if the server refused to commit
	 */
	public boolean commit(Connection connection, PgConnection driver, boolean direct,
			Supplier<@Nullable ServerSession> session, SqlAction plain) throws SQLException {
		if (!this.keeper.isTokenOn()) {
			return commitWithoutToken(connection, plain);
		}
		CommitToken token = CommitToken.create();
		boolean answered = false;
		try (PreparedStatement statement = connection.prepareStatement(this.markAndCommit)) {
			if (!direct) {
				statement.unwrap(PGStatement.class).setPrepareThreshold(0);
			}
			statement.setObject(1, token.id());
			statement.execute();
			answered = true;
			if (hasWritten(statement)) {
				RetryScope.committed();
			}
			warnIfNotReplicated(statement.getWarnings());
			// Nothing is left to send; the pool learns that the connection is clean
			plain.run();
			return true;
		}
		catch (SQLException ex) {
			if (answered) {
				logger.debug("{} - the connection was lost right after its COMMIT", this.dataSource, ex);
				RetryScope.committed();
				return false;
			}
			return failed(ex, connection, driver, token, session);
		}
	}

	private static boolean hasWritten(PreparedStatement statement) throws SQLException {
		try (ResultSet marked = statement.getResultSet()) {
			return marked.next() && marked.getBoolean(1);
		}
	}

	private boolean failed(SQLException failure, Connection connection, PgConnection driver, CommitToken token,
			Supplier<@Nullable ServerSession> session) throws SQLException {
		Fault fault = FaultClassifier.classify(failure, Phase.AT_COMMIT);
		if (fault.verdict() == Verdict.UNKNOWN) {
			resolve(failure, fault, token, session.get());
			return false;
		}
		if (driver.getTransactionState() == TransactionState.IDLE) {
			// It was COMMIT that failed, not the token
			throw failure;
		}
		connection.rollback();
		if (fault.kind() == FaultKind.CONFLICT || QUERY_CANCELED.equals(fault.sqlState())) {
			throw failure;
		}
		this.keeper.tokenFailed(fault);
		throw new SQLTransactionRollbackException(this.dataSource
				+ " - the commit token could not be written, so the transaction was rolled back; another attempt goes without: "
				+ fault.describe(), ROLLED_BACK, failure);
	}

	private void resolve(SQLException failure, Fault fault, CommitToken token, @Nullable ServerSession session)
			throws SQLException {
		logger.debug("{} - COMMIT lost, looking for its token {}: {}", this.dataSource, token.id(), fault.describe());
		Resolution resolution = this.resolver.resolve(token, session, deadline());
		this.statistics.lost(resolution.outcome());
		switch (resolution.outcome()) {
			case COMMITTED -> {
				RetryScope.committed();
				logger.info("{} - the connection was lost at COMMIT; the transaction is committed: {}", this.dataSource,
						fault.describe());
			}
			case NOT_COMMITTED -> throw notCommitted(fault, failure);
			case UNKNOWN -> throw unknown(fault, resolution.why(), failure);
		}
	}

	/**
	 * The caller's deadline bounds the search too.
	 */
	private Deadline deadline() {
		RetryScope scope = RetryScope.current();
		Deadline outer = (scope != null) ? scope.deadline() : null;
		Duration length = this.settings.maxWait();
		if (outer != null && outer.remainingNanos() < length.toNanos()) {
			length = Duration.ofNanos(outer.remainingNanos());
		}
		return Deadline.after(length, System::nanoTime);
	}

	private SQLException notCommitted(Fault fault, SQLException failure) {
		return new SQLTransactionRollbackException(this.dataSource
				+ " - the connection was lost at COMMIT, and nothing was committed: " + fault.describe(), ROLLED_BACK,
				failure);
	}

	private SQLException unknown(Fault fault, String why, SQLException failure) {
		RetryScope.outcomeUnknown();
		logger.warn("{} - the connection was lost at COMMIT and the outcome is unknown ({}): {}", this.dataSource, why,
				fault.describe());
		return new CommitOutcomeUnknownException(this.dataSource, fault, why, failure);
	}

	/**
	 * Ends a transaction that the server was told to keep read-only. Nothing can have
	 * been written, so that losing the answer loses nothing.
	 * @param plain commits
	 * @throws SQLTransactionRollbackException if the connection was lost
	 * @throws SQLException if the server refused to commit
	 */
	public void commitReadOnly(SqlAction plain) throws SQLException {
		try {
			plain.run();
		}
		catch (SQLException ex) {
			Fault fault = FaultClassifier.classify(ex, Phase.AT_COMMIT);
			throw (fault.verdict() == Verdict.UNKNOWN) ? notCommitted(fault, ex) : ex;
		}
	}

	/**
	 * Commits without a token: if the answer is lost, the outcome is unknown.
	 * @param connection the connection as the pool handed it out
	 * @param plain commits
	 * @return {@code true}
	 * @throws CommitOutcomeUnknownException if the answer was lost
	 * @throws SQLException if the server refused to commit
	 */
	public boolean commitWithoutToken(Connection connection, SqlAction plain) throws SQLException {
		try {
			plain.run();
			RetryScope.committed();
			warnIfNotReplicated(connection.getWarnings());
			return true;
		}
		catch (SQLException ex) {
			Fault fault = FaultClassifier.classify(ex, Phase.AT_COMMIT);
			if (fault.verdict() != Verdict.UNKNOWN) {
				throw ex;
			}
			this.statistics.lost(CommitOutcome.UNKNOWN);
			throw unknown(fault, "it carried no commit token: " + this.keeper.why(), ex);
		}
	}

	private void warnIfNotReplicated(@Nullable SQLWarning first) {
		for (SQLWarning warning = first; warning != null; warning = warning.getNextWarning()) {
			ServerErrorMessage message = (warning instanceof PSQLWarning own) ? own.getServerErrorMessage() : null;
			if (message != null && WAIT_FOR_STANDBY.equals(message.getRoutine())) {
				this.statistics.unreplicated();
				logger.warn("{} - a transaction is committed, but a failover may lose it: {}", this.dataSource,
						warning.getMessage());
			}
		}
	}

}
