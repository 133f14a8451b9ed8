// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.fault;

import java.io.EOFException;
import java.net.SocketTimeoutException;
import java.sql.BatchUpdateException;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.time.Duration;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.dao.DataAccessResourceFailureException;
import org.springframework.jdbc.support.SQLExceptionSubclassTranslator;
import org.springframework.transaction.TransactionSystemException;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What the classifier makes of the exceptions that the driver, the pool and Spring build
 * around a fault.
 */
class FaultClassifierTests {

	private static final String IO_ERROR = "An I/O error occurred while sending to the backend.";

	@Test
	void anErrorAtCommitMeansThatTheServerRolledBack() {
		Fault fault = atCommit(new SQLException("ERROR: could not serialize access", "40001"));
		assertThat(fault.verdict()).isEqualTo(Verdict.RETRY);
	}

	@Test
	void anErrorAtCommitIsKnownEvenIfTheConnectionBrokeAfterwards() {
		SQLException error = new SQLException("ERROR: could not serialize access", "40001");
		error.setNextException(new SQLException(IO_ERROR, "08006"));
		assertThat(atCommit(error).verdict()).isEqualTo(Verdict.RETRY);
	}

	@Test
	void aDeferredConstraintThatFailsAtCommitFails() {
		Fault fault = atCommit(new SQLException("ERROR: duplicate key value violates unique constraint", "23505"));
		assertThat(fault.verdict()).isEqualTo(Verdict.FAIL);
		assertThat(fault.countsForBreaker()).isFalse();
	}

	@ParameterizedTest
	@ValueSource(strings = { "FATAL: terminating connection", "PANIC: could not write to log file" })
	void aFatalSeverityAtCommitLeavesTheOutcomeUnknown(String message) {
		assertThat(atCommit(new SQLException(message, "XX000")).verdict()).isEqualTo(Verdict.UNKNOWN);
		assertThat(autocommit(new SQLException(message, "XX000")).verdict()).isEqualTo(Verdict.UNKNOWN);
	}

	@Test
	void aFatalSeverityBeforeCommitIsJudgedByItsSqlState() {
		SQLException fatal = new SQLException("FATAL: terminating connection", "25P03");
		assertThat(inTransaction(fatal).verdict()).isEqualTo(Verdict.FAIL);
	}

	@ParameterizedTest
	@ValueSource(strings = { "ВАЖНО: завершение соединения по команде администратора", "致命的エラー: 接続を終了します",
			"SCHWERWIEGEND: Verbindung wird abgebrochen" })
	void aFatalInAnotherLanguageIsRecognisedByTheLostConnectionBehindIt(String message) {
		SQLException fatal = new SQLException(message, "XX000");
		fatal.setNextException(new SQLException(IO_ERROR, "08006"));
		assertThat(atCommit(fatal).verdict()).isEqualTo(Verdict.UNKNOWN);
		assertThat(autocommit(fatal).verdict()).isEqualTo(Verdict.UNKNOWN);
	}

	@Test
	void aLostConnectionAsCauseLeavesACommitUnknownToo() {
		SQLException failure = new SQLException("commit failed", "XX000", new EOFException());
		assertThat(atCommit(failure).verdict()).isEqualTo(Verdict.UNKNOWN);
	}

	@ParameterizedTest
	@ValueSource(strings = { "08002", "08999", "08P99", "08A01" })
	void anUnknownSqlStateOfClass08IsALostConnection(String sqlState) {
		Fault fault = inTransaction(new SQLException("connection exception", sqlState));
		assertThat(fault.kind()).isEqualTo(FaultKind.CONNECTION_LOST);
		assertThat(atCommit(new SQLException("connection exception", sqlState)).verdict()).isEqualTo(Verdict.UNKNOWN);
	}

	@Test
	void anInputOutputErrorWithoutSqlStateIsALostConnection() {
		Fault fault = inTransaction(new SQLException("read failed", new SocketTimeoutException("Read timed out")));
		assertThat(fault.kind()).isEqualTo(FaultKind.CONNECTION_LOST);
		assertThat(fault.sqlState()).isNull();
		assertThat(fault.describe()).isEqualTo("read failed (java.net.SocketTimeoutException: Read timed out)");
	}

	@Test
	void aCachedPlanThatMustNotChangeIsAStaleStatement() {
		SQLException stale = new SQLException("ERROR: cached plan must not change result type", "0A000");
		assertThat(inTransaction(stale).kind()).isEqualTo(FaultKind.STALE_STATEMENT);
		assertThat(inTransaction(stale).kind().evicts()).isFalse();
	}

	@Test
	void aCauseDecidesWhereTheHeadSaysNothing() {
		SQLException head = new SQLException("could not execute", new SQLException("ERROR: deadlock", "40P01"));
		Fault fault = inTransaction(head);
		assertThat(fault.kind()).isEqualTo(FaultKind.CONFLICT);
		assertThat(fault.sqlState()).isEqualTo("40P01");
		assertThat(fault.message()).isEqualTo("ERROR: deadlock");
	}

	@Test
	void aChainedExceptionDecidesWhereTheHeadSaysNothing() {
		SQLException head = new SQLException("batch failed");
		head.setNextException(new SQLException("ERROR: deadlock", "40P01"));
		assertThat(inTransaction(head).kind()).isEqualTo(FaultKind.CONFLICT);
	}

	@Test
	void anAnswerOfTheServerIsNotOverruledByWhatIsChainedBehindIt() {
		SQLException head = new SQLException("ERROR: duplicate key", "23505");
		head.setNextException(new SQLException("ERROR: deadlock", "40P01"));
		assertThat(inTransaction(head).verdict()).isEqualTo(Verdict.FAIL);
	}

	@Test
	void aFailedBatchIsJudgedByItsSqlState() {
		SQLException error = new SQLException("ERROR: deadlock detected", "40P01");
		BatchUpdateException batch = new BatchUpdateException("Batch entry 0 was aborted", "40P01", 0, new int[0],
				error);
		assertThat(inTransaction(batch).kind()).isEqualTo(FaultKind.CONFLICT);
	}

	@Test
	void causesThatFormARingTerminate() {
		SQLException first = new SQLException("first");
		SQLException second = new SQLException("second");
		first.initCause(second);
		second.initCause(first);
		assertThat(inTransaction(first).kind()).isEqualTo(FaultKind.OTHER);
	}

	@Test
	void chainedExceptionsThatFormARingTerminate() {
		SQLException first = new SQLException("first");
		SQLException second = new SQLException("ERROR: deadlock", "40P01");
		first.setNextException(second);
		second.setNextException(first);
		assertThat(inTransaction(first).kind()).isEqualTo(FaultKind.CONFLICT);
	}

	@Test
	@Timeout(5)
	void aVeryDeepChainTerminates() {
		Throwable deep = new SQLException("ERROR: deadlock", "40P01");
		for (int i = 0; i < 10_000; i++) {
			deep = new IllegalStateException("wrapped", deep);
		}
		assertThat(FaultClassifier.find(deep, Phase.IN_TRANSACTION)).isEmpty();
		SQLException head = new SQLException("head");
		SQLException last = head;
		for (int i = 0; i < 10_000; i++) {
			SQLException next = new SQLException("next");
			last.setNextException(next);
			last = next;
		}
		assertThat(inTransaction(head).kind()).isEqualTo(FaultKind.OTHER);
	}

	@Test
	void anAcquisitionTimeoutWithoutAFailedConnectIsAnExhaustedPool() {
		SQLException timeout = new SQLTransientConnectionException(
				"HikariPool-1 - Connection is not available, request timed out after 5000ms", null, 0, null);
		Fault fault = FaultClassifier.classify(timeout, Phase.ACQUISITION);
		assertThat(fault.kind()).isEqualTo(FaultKind.POOL_EXHAUSTED);
		assertThat(fault.verdict()).isEqualTo(Verdict.FAIL);
		assertThat(fault.countsForBreaker()).isFalse();
	}

	@Test
	void anAcquisitionTimeoutIsAnExhaustedPoolAtAcquisitionOnly() {
		SQLException timeout = new SQLTransientConnectionException("timed out", null, 0, null);
		assertThat(inTransaction(timeout).kind()).isEqualTo(FaultKind.OTHER);
	}

	@Test
	void anAcquisitionTimeoutWithAFailedConnectBehindItIsAnOutage() {
		Fault fault = FaultClassifier.classify(hikariTimeout("08001", "Connection to localhost:5432 refused"),
				Phase.ACQUISITION);
		assertThat(fault.kind()).isEqualTo(FaultKind.CONNECT_FAILED);
		assertThat(fault.verdict()).isEqualTo(Verdict.RETRY);
		assertThat(fault.countsForBreaker()).isTrue();
	}

	@Test
	void anAcquisitionTimeoutWithTooManyConnectionsBehindItIsOverload() {
		Fault fault = FaultClassifier.classify(hikariTimeout("53300", "FATAL: sorry, too many clients already"),
				Phase.ACQUISITION);
		assertThat(fault.kind()).isEqualTo(FaultKind.TOO_MANY_CONNECTIONS);
		assertThat(fault.verdict()).isEqualTo(Verdict.RETRY);
		assertThat(fault.countsForBreaker()).isFalse();
	}

	@Test
	void anAcquisitionTimeoutWithAWrongPasswordBehindItFails() {
		Fault fault = FaultClassifier.classify(hikariTimeout("28P01", "FATAL: password authentication failed"),
				Phase.ACQUISITION);
		assertThat(fault.verdict()).isEqualTo(Verdict.FAIL);
		assertThat(fault.countsForBreaker()).isFalse();
	}

	@Test
	void anAcquisitionTimeoutWithAFailedSetUpBehindItIsJudgedByTheSetUp() {
		SQLException setUp = new SQLException(IO_ERROR, "08006");
		SQLException timeout = new SQLTransientConnectionException("timed out", null, 0, new Exception(setUp));
		assertThat(FaultClassifier.classify(timeout, Phase.ACQUISITION).kind()).isEqualTo(FaultKind.CONNECTION_LOST);
	}

	@Test
	void anInterruptedAcquisitionIsNotTriedAgain() {
		SQLException interrupted = new SQLException("HikariPool-1 - Interrupted", new InterruptedException());
		Fault fault = FaultClassifier.classify(interrupted, Phase.ACQUISITION);
		assertThat(fault.verdict()).isEqualTo(Verdict.FAIL);
		assertThat(fault.countsForBreaker()).isFalse();
	}

	@ParameterizedTest
	@EnumSource(Phase.class)
	void springsExceptionsAreJudgedByTheSqlExceptionBehindThem(Phase phase) {
		SQLException lost = new SQLException("FATAL: terminating connection", "57P01");
		Throwable translated = new SQLExceptionSubclassTranslator().translate("query", "select 1", lost);
		assertThat(FaultClassifier.find(translated, phase)).contains(FaultClassifier.classify(lost, phase));
		assertThat(FaultClassifier.find(new TransactionSystemException("commit", translated), phase))
			.contains(FaultClassifier.classify(lost, phase));
	}

	@Test
	void aFailureWithoutASqlExceptionIsNoFault() {
		assertThat(FaultClassifier.find(new IllegalArgumentException("no"), Phase.IN_TRANSACTION)).isEmpty();
		assertThat(FaultClassifier.find(new DataAccessResourceFailureException("no"), Phase.IN_TRANSACTION)).isEmpty();
	}

	@Test
	void anExceptionWithoutAMessageIsDescribedByItsClass() {
		assertThat(inTransaction(new SQLException((String) null, "40001")).describe())
			.isEqualTo("[40001] SQLException");
	}

	@Test
	void anUnavailableDatabaseCarriesTheSqlStateOfItsLastFailure() {
		SQLException cause = new SQLException("FATAL: the database system is starting up", "57P03");
		DatabaseUnavailableException unavailable = new DatabaseUnavailableException("db", "away", Duration.ofSeconds(2),
				cause);
		assertThat(unavailable.getSQLState()).isEqualTo("57P03");
		assertThat(unavailable.getCause()).isSameAs(cause);
		assertThat(unavailable.dataSource()).isEqualTo("db");
		assertThat(unavailable.retryAfter()).isEqualTo(Duration.ofSeconds(2));
	}

	@Test
	void anUnavailableDatabaseThatWasNotTriedCarries08001AndCountsForBreakers() {
		SQLException unavailable = new DatabaseUnavailableException("db", "away", Duration.ofSeconds(1), null);
		assertThat(unavailable.getSQLState()).isEqualTo("08001");
		assertThat(FaultClassifier.classify(unavailable, Phase.ACQUISITION).verdict()).isEqualTo(Verdict.RETRY);
		SQLException stateless = new DatabaseUnavailableException("db", "away", Duration.ofSeconds(1),
				new SQLException("no state"));
		assertThat(stateless.getSQLState()).isEqualTo("08001");
	}

	private static SQLException hikariTimeout(String sqlState, String message) {
		SQLException connect = new SQLException(message, sqlState);
		SQLException timeout = new SQLTransientConnectionException(
				"HikariPool-1 - Connection is not available, request timed out after 5000ms", sqlState, 0, connect);
		timeout.setNextException(connect);
		return timeout;
	}

	private static Fault atCommit(SQLException exception) {
		return FaultClassifier.classify(exception, Phase.AT_COMMIT);
	}

	private static Fault autocommit(SQLException exception) {
		return FaultClassifier.classify(exception, Phase.AUTOCOMMIT);
	}

	private static Fault inTransaction(SQLException exception) {
		return FaultClassifier.classify(exception, Phase.IN_TRANSACTION);
	}

}
