// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.fault;

import java.sql.BatchUpdateException;
import java.sql.SQLException;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What the classifier says too much or too little of.
 */
class FaultDefectTests {

	@Test
	void theValuesOfABatchAreNotInTheMessageOfAFault() {
		SQLException fatal = new SQLException("FATAL: terminating connection due to administrator command", "57P01");
		BatchUpdateException batch = new BatchUpdateException(
				"Batch entry 0 insert into users values (('s3cret')) was aborted: " + fatal.getMessage()
						+ "  Call getNextException to see other errors in the batch.",
				"57P01", 0, new int[0], fatal);
		batch.setNextException(fatal);
		assertThat(FaultClassifier.classify(batch, Phase.IN_TRANSACTION).describe()).doesNotContain("s3cret");
	}

	@Test
	void aFatalInABatchLeavesTheOutcomeUnknownInAutocommitMode() {
		SQLException fatal = new SQLException("FATAL: something", "XX000");
		BatchUpdateException batch = new BatchUpdateException("Batch entry 0 select 1 was aborted: FATAL: something",
				"XX000", 0, new int[0], fatal);
		batch.setNextException(fatal);
		assertThat(FaultClassifier.classify(batch, Phase.AUTOCOMMIT).verdict()).isEqualTo(Verdict.UNKNOWN);
	}

	@Test
	void anAbortedTransactionIsJudgedByWhatAbortedIt() {
		SQLException aborted = new SQLException("ERROR: current transaction is aborted", "25P02",
				new SQLException("ERROR: deadlock detected", "40P01"));
		assertThat(FaultClassifier.classify(aborted, Phase.IN_TRANSACTION).verdict()).isEqualTo(Verdict.RETRY);
	}

}
