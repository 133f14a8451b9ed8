// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.benchmark;

/**
 * A transaction of two statements.
 */
enum Workload {

	/** Two selects in a transaction that is declared read-only. */
	DECLARED_READ_ONLY("declared read-only") {
		@Override
		void run(AccountTransactions transactions, int account) {
			transactions.readDeclared(account);
		}
	},

	/**
	 * The same without the declaration: that nothing is written only the server knows.
	 */
	UNDECLARED_READ_ONLY("undeclared read-only") {
		@Override
		void run(AccountTransactions transactions, int account) {
			transactions.readUndeclared(account);
		}
	},

	/** A select and an update of a row that nobody else updates. */
	WRITING("writing") {
		@Override
		void run(AccountTransactions transactions, int account) {
			transactions.write(account);
		}
	};

	private final String title;

	Workload(String title) {
		this.title = title;
	}

	String title() {
		return this.title;
	}

	/**
	 * Runs one transaction.
	 */
	abstract void run(AccountTransactions transactions, int account);

}
