// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.sample.account;

import java.math.BigDecimal;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/**
 * The table {@code account}. Money moves by updates that state their own condition, so no
 * balance is ever computed from an old one.
 */
@Repository
public class AccountRepository {

	private static final String COLUMNS = "id, owner, balance, created_at, updated_at";

	private final JdbcClient jdbc;

	private final JdbcTemplate batch;

	AccountRepository(JdbcClient jdbc, JdbcTemplate batch) {
		this.jdbc = jdbc;
		this.batch = batch;
	}

	int insert(List<NewAccount> accounts) {
		this.batch.batchUpdate("insert into account (id, owner, opening_balance, balance) values (?, ?, ?, ?)",
				accounts, NewAccounts.MAX, AccountRepository::set);
		return accounts.size();
	}

	private static void set(PreparedStatement statement, NewAccount account) throws SQLException {
		statement.setObject(1, account.id());
		statement.setString(2, account.owner());
		statement.setBigDecimal(3, account.balance());
		statement.setBigDecimal(4, account.balance());
	}

	Optional<Account> find(UUID id) {
		return this.jdbc.sql("select " + COLUMNS + " from account where id = :id")
			.param("id", id)
			.query(AccountRepository::map)
			.optional();
	}

	List<Account> page(int page, int size) {
		return this.jdbc.sql("select " + COLUMNS + " from account order by created_at, id limit :size offset :offset")
			.param("size", size)
			.param("offset", (long) page * size)
			.query(AccountRepository::map)
			.list();
	}

	long count() {
		return this.jdbc.sql("select count(*) from account").query(Long.class).single();
	}

	/**
	 * Whether there is such an account.
	 * @param id the id
	 * @return {@code true} if it is there
	 */
	public boolean exists(UUID id) {
		return this.jdbc.sql("select exists (select from account where id = :id)")
			.param("id", id)
			.query(Boolean.class)
			.single();
	}

	/**
	 * Takes money out of an account.
	 * @param id the account
	 * @param amount how much, not negative
	 * @return {@code false} if the account does not hold that much, and nothing was taken
	 */
	public boolean withdraw(UUID id, BigDecimal amount) {
		return this.jdbc.sql("update account set balance = balance - :amount where id = :id and balance >= :amount")
			.param("amount", amount)
			.param("id", id)
			.update() == 1;
	}

	/**
	 * Puts money into an account.
	 * @param id the account
	 * @param amount how much, not negative
	 */
	public void deposit(UUID id, BigDecimal amount) {
		this.jdbc.sql("update account set balance = balance + :amount where id = :id")
			.param("amount", amount)
			.param("id", id)
			.update();
	}

	private static Account map(ResultSet row, int number) throws SQLException {
		return new Account(row.getObject("id", UUID.class), row.getString("owner"), row.getBigDecimal("balance"),
				row.getObject("created_at", OffsetDateTime.class).toInstant(),
				row.getObject("updated_at", OffsetDateTime.class).toInstant());
	}

}
