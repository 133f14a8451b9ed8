// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.commit;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;

import io.github.dbresilience.commit.CommitOutcomeSettings.Create;
import io.github.dbresilience.commit.CommitOutcomeSettings.Strategy;
import io.github.dbresilience.fault.Fault;
import io.github.dbresilience.fault.FaultClassifier;
import io.github.dbresilience.fault.FaultKind;
import io.github.dbresilience.fault.Phase;
import io.github.dbresilience.fault.Verdict;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Knows whether commit tokens can be written, creates their schema where it may, and
 * deletes old ones. Tokens are off until they are verified. Thread-safe; its own methods
 * that ask the database are called by one thread at a time.
 */
public final class TokenKeeper {

	private static final Logger logger = LoggerFactory.getLogger(TokenKeeper.class);

	private static final Duration TIMEOUT = Duration.ofSeconds(10);

	private static final int PURGED_AT_ONCE = 10_000;

	private final String dataSource;

	private final CommitOutcomeSettings settings;

	private final TokenSchema schema;

	private final ConnectionOpener opener;

	private volatile boolean on;

	private volatile boolean suspect = true;

	private volatile String why = "they were not verified yet";

	private @Nullable String warned;

	TokenKeeper(String dataSource, CommitOutcomeSettings settings, TokenSchema schema, ConnectionOpener opener) {
		this.dataSource = dataSource;
		this.settings = settings;
		this.schema = schema;
		this.opener = opener;
		if (settings.strategy() == Strategy.OFF) {
			this.why = "db.resilience.commit-outcome.strategy=off";
		}
	}

	/**
	 * Whether commits carry a token now.
	 * @return {@code true} if they do
	 */
	public boolean isTokenOn() {
		return this.on;
	}

	/**
	 * Whether commits are meant to carry a token.
	 * @return {@code false} if the settings say that they shall not
	 */
	public boolean isWanted() {
		return this.settings.strategy() == Strategy.TOKEN;
	}

	/**
	 * Why commits carry no token.
	 * @return the reason, for an operator; of no meaning while they do
	 */
	public String why() {
		return this.why;
	}

	/**
	 * Whether tokens are wanted and should be verified soon.
	 * @return {@code true} if something happened since the last time
	 */
	public boolean isSuspect() {
		return this.suspect && this.settings.strategy() == Strategy.TOKEN;
	}

	/**
	 * Has the tokens verified soon: the server changed its role or was restarted.
	 */
	public void suspect() {
		this.suspect = true;
	}

	void tokenFailed(Fault fault) {
		this.why = fault.describe();
		this.on = false;
		this.suspect = true;
		logger.warn("{} - commit tokens are off until they work again: {}", this.dataSource, fault.describe());
	}

	/**
	 * Switches tokens on if they can be written, without a word if they cannot be yet:
	 * migrations may still come.
	 */
	public void verifyQuietly() {
		if (this.settings.strategy() == Strategy.TOKEN) {
			try (Connection connection = this.opener.open(TIMEOUT, "commit tokens")) {
				this.schema.verify(connection);
				switchOn();
			}
			catch (SQLException ex) {
				logger.debug("{} - commit tokens cannot be written yet: {}", this.dataSource, ex.getMessage());
			}
		}
	}

	/**
	 * Verifies that tokens can be written, after creating their schema if it is missing
	 * and may be created, and switches them on or off.
	 */
	public void verify() {
		if (this.settings.strategy() == Strategy.OFF) {
			this.suspect = false;
			return;
		}
		this.suspect = false;
		try (Connection connection = this.opener.open(TIMEOUT, "commit tokens")) {
			try {
				this.schema.verify(connection);
			}
			catch (SQLException ex) {
				createAfter(ex, connection);
			}
			switchOn();
		}
		catch (SQLException ex) {
			refused(FaultClassifier.classify(ex, Phase.ACQUISITION));
		}
	}

	private void createAfter(SQLException missing, Connection connection) throws SQLException {
		Fault fault = FaultClassifier.classify(missing, Phase.ACQUISITION);
		if (fault.verdict() != Verdict.FAIL) {
			throw missing;
		}
		String obstacle = (this.settings.create() == Create.AUTO) ? this.schema.obstacle(connection)
				: "db.resilience.commit-outcome.create=never";
		if (obstacle != null) {
			throw new SQLException(messageOf(missing) + " - not created: " + obstacle, missing.getSQLState());
		}
		this.schema.create(connection);
		logger.info("{} - created the schema {} for commit tokens", this.dataSource, this.settings.schema());
		this.schema.verify(connection);
	}

	private static String messageOf(SQLException ex) {
		String message = ex.getMessage();
		return (message != null) ? message.lines().findFirst().orElse("") : "";
	}

	private void switchOn() {
		this.suspect = false;
		this.on = true;
		if (this.warned != null) {
			this.warned = null;
			logger.info("{} - commit tokens are on again", this.dataSource);
		}
	}

	/**
	 * A database that is away, or a standby, says nothing about the tokens.
	 */
	private void refused(Fault fault) {
		if (fault.verdict() == Verdict.RETRY) {
			this.suspect = fault.kind() != FaultKind.READ_ONLY_SERVER;
			return;
		}
		this.on = false;
		this.why = fault.describe();
		if (!fault.describe().equals(this.warned)) {
			this.warned = fault.describe();
			logger.warn("{} - commits carry no token, so a COMMIT whose answer is lost ends as 'unknown': {}. "
					+ "Have the schema created by the migration or the SQL file that docs/commit-outcome.md names, "
					+ "or set db.resilience.commit-outcome.strategy=off", this.dataSource, fault.describe());
		}
	}

	/**
	 * Deletes old tokens.
	 * @return how many
	 * @throws SQLException if that failed
	 */
	public int purge() throws SQLException {
		int sum = 0;
		try (Connection connection = this.opener.open(TIMEOUT, "commit tokens")) {
			int deleted;
			do {
				deleted = this.schema.purge(connection, this.settings.retention(), this.settings.abandonedRetention(),
						PURGED_AT_ONCE);
				sum += deleted;
			}
			while (deleted == PURGED_AT_ONCE && !Thread.currentThread().isInterrupted());
		}
		return sum;
	}

}
