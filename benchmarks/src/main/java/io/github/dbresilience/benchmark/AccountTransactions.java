// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.benchmark;

import io.github.dbresilience.retry.RetryableTransaction;

import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.transaction.annotation.Transactional;

/**
 * The transactions that are measured: an ordinary bean, the same for both contenders. To
 * the plain one, {@link RetryableTransaction} says nothing.
 */
class AccountTransactions {

	private final JdbcTemplate jdbc;

	AccountTransactions(JdbcTemplate jdbc) {
		this.jdbc = jdbc;
	}

	@Transactional(readOnly = true)
	public void readDeclared(int account) {
		read(account);
	}

	@Transactional
	public void readUndeclared(int account) {
		read(account);
	}

	private void read(int account) {
		this.jdbc.queryForObject("select owner from account where id = ?", String.class, account);
		this.jdbc.queryForObject("select balance from account where id = ?", Long.class, account);
	}

	@Transactional
	@RetryableTransaction
	public void write(int account) {
		this.jdbc.queryForObject("select owner from account where id = ?", String.class, account);
		this.jdbc.update("update account set balance = balance + 1 where id = ?", account);
	}

}
