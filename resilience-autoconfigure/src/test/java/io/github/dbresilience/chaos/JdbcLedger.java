// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.chaos;

import java.util.List;

import io.github.dbresilience.retry.RetryableTransaction;

import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.transaction.annotation.Isolation;
import org.springframework.transaction.annotation.Transactional;

/**
 * By SQL, and tried again because it says so.
 */
@RetryableTransaction
class JdbcLedger implements Ledger {

	private final JdbcTemplate jdbc;

	JdbcLedger(JdbcTemplate jdbc) {
		this.jdbc = jdbc;
	}

	@Override
	@Transactional
	public void transfer(Action.Transfer transfer) {
		this.jdbc.update("update account set balance = balance - ? where id = ?", transfer.amount(), transfer.from());
		this.jdbc.update("update account set balance = balance + ? where id = ?", transfer.amount(), transfer.to());
		this.jdbc.update("insert into transfer values (?, ?, ?, ?)", transfer.id(), transfer.from(), transfer.to(),
				transfer.amount());
	}

	@Override
	@Transactional
	public void insert(Action.Insert insert) {
		this.jdbc.update("insert into inserted values (?)", insert.id());
	}

	@Override
	@Transactional
	public void increment(Action.Increment increment) {
		this.jdbc.update("update counter set value = value + 1 where id = ?", increment.key());
	}

	@Override
	@Transactional(isolation = Isolation.SERIALIZABLE)
	public Action.Lists execute(Action.Lists lists) {
		return lists.perform(this::list, this::append);
	}

	@Override
	@Transactional(isolation = Isolation.SERIALIZABLE, readOnly = true)
	public Action.Lists read(Action.Lists lists) {
		return lists.perform(this::list, this::append);
	}

	private List<Long> list(int key) {
		return this.jdbc
			.query("select elements from list where id = ?",
					(row, number) -> List.of((Long[]) row.getArray("elements").getArray()), key)
			.stream()
			.findFirst()
			.orElse(List.of());
	}

	private void append(Action.Append append) {
		this.jdbc.update(
				"insert into list values (?, array[?::bigint]) "
						+ "on conflict (id) do update set elements = list.elements || excluded.elements",
				append.key(), append.value());
	}

}
