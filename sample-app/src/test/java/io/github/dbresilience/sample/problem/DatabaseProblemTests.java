// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.sample.problem;

import java.io.IOException;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.time.Duration;

import io.github.dbresilience.fault.DatabaseUnavailableException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.dao.DataAccessResourceFailureException;
import org.springframework.dao.QueryTimeoutException;
import org.springframework.jdbc.CannotGetJdbcConnectionException;
import org.springframework.jdbc.UncategorizedSQLException;
import org.springframework.transaction.CannotCreateTransactionException;
import org.springframework.transaction.TransactionSystemException;
import org.springframework.transaction.TransactionTimedOutException;

import static org.assertj.core.api.Assertions.assertThat;

class DatabaseProblemTests {

	@ParameterizedTest
	@ValueSource(strings = { "08001", "08006", "57P01", "57P02", "57P03", "53300", "25006", "58030", "53100", "53200",
			"25P03", "26000", "58P01", "XX000", "XX001" })
	void aDatabaseThatCannotBeUsedIsUnavailable(String sqlState) {
		DatabaseProblem problem = find(sqlState);
		assertThat(problem.type()).isEqualTo(ProblemType.DATABASE_UNAVAILABLE);
		assertThat(problem.detail()).contains("repeat the request").contains("same id");
		assertThat(problem.retryAfterSeconds()).isEqualTo("5");
	}

	@ParameterizedTest
	@ValueSource(strings = { "40001", "40P01", "55P03" })
	void transactionsInTheWayAreAConflict(String sqlState) {
		DatabaseProblem problem = find(sqlState);
		assertThat(problem.type()).isEqualTo(ProblemType.TRANSACTION_CONFLICT);
		assertThat(problem.retryAfterSeconds()).isEqualTo("1");
	}

	@ParameterizedTest
	@ValueSource(strings = { "08007", "40003" })
	void anOutcomeThatIsNotKnownIsSaidToBe(String sqlState) {
		DatabaseProblem problem = find(sqlState);
		assertThat(problem.type()).isEqualTo(ProblemType.OUTCOME_UNKNOWN);
		assertThat(problem.type().uri()).hasToString("urn:db-resilience:problem:outcome-unknown");
		assertThat(problem.detail()).contains("not known").contains("same id").contains("409");
	}

	@ParameterizedTest
	@ValueSource(strings = { "23505", "42601", "42501", "22003" })
	void aMistakeInTheProgramIsNoProblemOfTheDatabase(String sqlState) {
		assertThat(DatabaseProblem.find(failure(sqlState))).isEmpty();
	}

	@Test
	void anExceptionWithoutTheDatabaseIsNoProblemOfTheDatabase() {
		assertThat(DatabaseProblem.find(new IllegalStateException(new IOException("disk")))).isEmpty();
	}

	@ParameterizedTest
	@ValueSource(strings = { "28P01", "3D000", "08004" })
	void withoutAConnectionAnyReasonIsUnavailability(String sqlState) {
		assertThat(DatabaseProblem.find(new CannotCreateTransactionException("no", new SQLException("no", sqlState)))
			.map(DatabaseProblem::type)).contains(ProblemType.DATABASE_UNAVAILABLE);
	}

	@Test
	void anExhaustedPoolIsUnavailability() {
		SQLException exhausted = new SQLTransientConnectionException("Connection is not available");
		assertThat(
				DatabaseProblem.find(new CannotGetJdbcConnectionException("no", exhausted)).map(DatabaseProblem::type))
			.contains(ProblemType.DATABASE_UNAVAILABLE);
		assertThat(
				DatabaseProblem.find(new CannotCreateTransactionException("no", exhausted)).map(DatabaseProblem::type))
			.contains(ProblemType.DATABASE_UNAVAILABLE);
	}

	@Test
	void timeoutsAreUnavailability() {
		assertThat(DatabaseProblem.find(new TransactionTimedOutException("late")).map(DatabaseProblem::type))
			.contains(ProblemType.DATABASE_UNAVAILABLE);
		assertThat(DatabaseProblem.find(new QueryTimeoutException("late", new SQLException("cancelled", "57014")))
			.map(DatabaseProblem::type)).contains(ProblemType.DATABASE_UNAVAILABLE);
	}

	@ParameterizedTest
	@CsvSource({ "PT0S, 1", "PT0.2S, 1", "PT1S, 1", "PT1.001S, 2", "PT30S, 30" })
	void whatTheStarterSaysAboutRetryingIsPassedOnInWholeSeconds(Duration retryAfter, String seconds) {
		SQLException unavailable = new DatabaseUnavailableException("dataSource", "away", retryAfter, null);
		assertThat(DatabaseProblem.find(new DataAccessResourceFailureException("no", unavailable))
			.map(DatabaseProblem::retryAfterSeconds)).contains(seconds);
	}

	@Test
	void theFailureOfACommitIsFoundBehindItsTransactionException() {
		TransactionSystemException failure = new TransactionSystemException("Could not commit",
				new SQLException("secret", "40001"));
		DatabaseProblem problem = DatabaseProblem.find(failure).orElseThrow();
		assertThat(problem.type()).isEqualTo(ProblemType.TRANSACTION_CONFLICT);
		assertThat(problem.detail()).doesNotContain("secret");
	}

	private static DatabaseProblem find(String sqlState) {
		return DatabaseProblem.find(failure(sqlState)).orElseThrow();
	}

	private static Exception failure(String sqlState) {
		return new IllegalStateException(
				new UncategorizedSQLException("task", "select secret", new SQLException("secret", sqlState)));
	}

}
