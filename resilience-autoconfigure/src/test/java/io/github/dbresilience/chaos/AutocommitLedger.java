// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.chaos;

import java.util.Set;

import org.springframework.jdbc.core.JdbcTemplate;

/**
 * Writes without a transaction, as many an application does.
 */
final class AutocommitLedger implements Ledger {

	private final JdbcTemplate jdbc;

	AutocommitLedger(JdbcTemplate jdbc) {
		this.jdbc = jdbc;
	}

	@Override
	public Set<ActionKind> kinds() {
		return Set.of(ActionKind.INSERT, ActionKind.INCREMENT);
	}

	@Override
	public void insert(Action.Insert insert) {
		this.jdbc.update("insert into inserted values (?)", insert.id());
	}

	@Override
	public void increment(Action.Increment increment) {
		this.jdbc.update("update counter set value = value + 1 where id = ?", increment.key());
	}

	@Override
	public void transfer(Action.Transfer transfer) {
		throw new UnsupportedOperationException("A transfer takes a transaction");
	}

	@Override
	public Action.Lists execute(Action.Lists lists) {
		throw new UnsupportedOperationException("Lists take a transaction");
	}

	@Override
	public Action.Lists read(Action.Lists lists) {
		throw new UnsupportedOperationException("Lists take a transaction");
	}

}
