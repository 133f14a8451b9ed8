// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.fault;

import java.sql.SQLException;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The fault table, one row per SQLState: what is known in each phase, whether breakers
 * count it, whether the connection is given up.
 */
class FaultTableTests {

	/**
	 * SQLState, severity, in a transaction, at COMMIT, in autocommit mode, counts,
	 * evicts.
	 */
	private static final String TABLE = """
			08001 -     RETRY   UNKNOWN RETRY   yes no
			08004 -     RETRY   UNKNOWN RETRY   yes no
			57P03 FATAL RETRY   UNKNOWN RETRY   yes no
			53300 FATAL RETRY   UNKNOWN RETRY   no  no
			08000 -     RETRY   UNKNOWN UNKNOWN yes yes
			08003 -     RETRY   UNKNOWN UNKNOWN yes yes
			08006 -     RETRY   UNKNOWN UNKNOWN yes yes
			08P01 -     RETRY   UNKNOWN UNKNOWN yes yes
			08S01 -     RETRY   UNKNOWN UNKNOWN yes yes
			57P01 FATAL RETRY   UNKNOWN UNKNOWN yes yes
			57P02 FATAL RETRY   UNKNOWN UNKNOWN yes yes
			57P05 FATAL RETRY   UNKNOWN UNKNOWN no  yes
			25P03 FATAL FAIL    UNKNOWN UNKNOWN no  yes
			25P04 FATAL FAIL    UNKNOWN UNKNOWN no  yes
			58000 ERROR RETRY   RETRY   FAIL    yes no
			58030 ERROR RETRY   RETRY   FAIL    yes no
			53100 ERROR FAIL    FAIL    FAIL    no  no
			53200 ERROR FAIL    FAIL    FAIL    no  no
			53400 ERROR FAIL    FAIL    FAIL    no  no
			40000 ERROR RETRY   RETRY   RETRY   no  no
			40001 ERROR RETRY   RETRY   RETRY   no  no
			40P01 ERROR RETRY   RETRY   RETRY   no  no
			55P03 ERROR RETRY   RETRY   RETRY   no  no
			55006 ERROR RETRY   RETRY   RETRY   no  no
			25006 ERROR RETRY   RETRY   RETRY   no  no
			26000 ERROR RETRY   RETRY   RETRY   no  no
			42P05 ERROR RETRY   RETRY   RETRY   no  no
			40003 ERROR UNKNOWN UNKNOWN UNKNOWN no  yes
			08007 -     UNKNOWN UNKNOWN UNKNOWN no  yes
			57014 ERROR FAIL    FAIL    FAIL    no  no
			23505 ERROR FAIL    FAIL    FAIL    no  no
			23503 ERROR FAIL    FAIL    FAIL    no  no
			40002 ERROR FAIL    FAIL    FAIL    no  no
			42601 ERROR FAIL    FAIL    FAIL    no  no
			42501 ERROR FAIL    FAIL    FAIL    no  no
			28P01 FATAL FAIL    UNKNOWN UNKNOWN no  no
			28000 ERROR FAIL    FAIL    FAIL    no  no
			22012 ERROR FAIL    FAIL    FAIL    no  no
			3D000 ERROR FAIL    FAIL    FAIL    no  no
			25P02 ERROR FAIL    FAIL    FAIL    no  no
			0A000 ERROR FAIL    FAIL    FAIL    no  no
			XX000 ERROR FAIL    FAIL    FAIL    no  no
			P0001 ERROR FAIL    FAIL    FAIL    no  no
			""";

	static Stream<Row> rows() {
		return TABLE.lines().map((line) -> line.split("\\s+")).map(Row::of);
	}

	@ParameterizedTest
	@MethodSource("rows")
	void beforeAConnectionWasHandedOutTheVerdictIsThatOfATransaction(Row row) {
		assertThat(row.classify(Phase.ACQUISITION).verdict()).isEqualTo(row.inTransaction());
	}

	@ParameterizedTest
	@MethodSource("rows")
	void inATransactionTheVerdictIsThatOfTheTable(Row row) {
		assertThat(row.classify(Phase.IN_TRANSACTION).verdict()).isEqualTo(row.inTransaction());
	}

	@ParameterizedTest
	@MethodSource("rows")
	void atCommitTheVerdictIsThatOfTheTable(Row row) {
		assertThat(row.classify(Phase.AT_COMMIT).verdict()).isEqualTo(row.atCommit());
	}

	@ParameterizedTest
	@MethodSource("rows")
	void inAutocommitModeTheVerdictIsThatOfTheTable(Row row) {
		assertThat(row.classify(Phase.AUTOCOMMIT).verdict()).isEqualTo(row.autocommit());
	}

	@ParameterizedTest
	@MethodSource("rows")
	void breakersCountWhatTheTableSays(Row row) {
		for (Phase phase : Phase.values()) {
			assertThat(row.classify(phase).countsForBreaker()).as("%s", phase).isEqualTo(row.counts());
		}
	}

	@ParameterizedTest
	@MethodSource("rows")
	void theConnectionIsGivenUpWhereTheTableSaysSo(Row row) {
		assertThat(row.classify(Phase.IN_TRANSACTION).kind().evicts()).isEqualTo(row.evicts());
	}

	@ParameterizedTest
	@MethodSource("rows")
	void theFaultKeepsTheSqlStateAndTheMessage(Row row) {
		Fault fault = row.classify(Phase.IN_TRANSACTION);
		assertThat(fault.sqlState()).isEqualTo(row.sqlState());
		assertThat(fault.phase()).isEqualTo(Phase.IN_TRANSACTION);
		assertThat(fault.describe()).startsWith("[" + row.sqlState() + "] ").endsWith("something happened");
	}

	@ParameterizedTest
	@MethodSource("rows")
	void aFatalOrPanicSeverityMakesACommitUnknownWhateverTheSqlState(Row row) {
		for (String severity : new String[] { "FATAL: ", "PANIC: " }) {
			SQLException exception = new SQLException(severity + "something happened", row.sqlState());
			assertThat(FaultClassifier.classify(exception, Phase.AT_COMMIT).verdict()).isEqualTo(Verdict.UNKNOWN);
		}
	}

	@ParameterizedTest
	@MethodSource("rows")
	void aBrokenConnectionBehindTheFaultMakesACommitUnknownWhateverTheSqlState(Row row) {
		SQLException exception = new SQLException("SCHWERWIEGEND: etwas", row.sqlState());
		exception.setNextException(new SQLException("An I/O error occurred while sending to the backend.", "08006"));
		assertThat(FaultClassifier.classify(exception, Phase.AT_COMMIT).verdict()).isEqualTo(Verdict.UNKNOWN);
	}

	@Test
	void everySqlStateOfTheTableIsARowOfItsOwnHere() {
		Set<String> known = Arrays.stream(FaultKind.values())
			.flatMap((kind) -> kind.sqlStates().stream())
			.collect(Collectors.toSet());
		Set<String> tested = rows().map(Row::sqlState).collect(Collectors.toSet());
		assertThat(tested).containsAll(known);
		assertThat(known).containsExactlyInAnyOrder("08001", "08004", "57P03", "53300", "08000", "08003", "08006",
				"08P01", "08S01", "57P01", "57P02", "57P05", "25P03", "25P04", "58000", "58030", "53100", "53200",
				"53400", "40000", "40001", "40P01", "55P03", "55006", "25006", "26000", "42P05", "40003", "08007");
	}

	@Test
	void noSqlStateBelongsToTwoRows() {
		Set<String> seen = new HashSet<>();
		for (FaultKind kind : FaultKind.values()) {
			assertThat(kind.sqlStates()).allMatch(seen::add);
		}
	}

	record Row(String sqlState, String severity, Verdict inTransaction, Verdict atCommit, Verdict autocommit,
			boolean counts, boolean evicts) {

		static Row of(String[] cells) {
			return new Row(cells[0], cells[1], Verdict.valueOf(cells[2]), Verdict.valueOf(cells[3]),
					Verdict.valueOf(cells[4]), cells[5].equals("yes"), cells[6].equals("yes"));
		}

		Fault classify(Phase phase) {
			String prefix = this.severity.equals("-") ? "" : this.severity + ": ";
			return FaultClassifier.classify(new SQLException(prefix + "something happened", this.sqlState), phase);
		}

		@Override
		public String toString() {
			return this.sqlState;
		}

	}

}
