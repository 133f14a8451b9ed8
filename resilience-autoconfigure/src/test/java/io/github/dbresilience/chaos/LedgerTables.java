// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.chaos;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * The tables behind a {@link Ledger}. No constraint keeps a row from being there twice.
 * One COMMIT in fifty takes longer, so that faults hit some.
 */
final class LedgerTables {

	static final int ACCOUNTS = 20;

	static final int COUNTERS = 6;

	static final long INITIAL_BALANCE = 1000;

	private static final String SCHEMA = """
			create table account (id int primary key, balance bigint not null);
			insert into account select n, %d from generate_series(1, %d) n;
			create table transfer (id uuid not null, sender int not null, receiver int not null, amount bigint not null);
			create table inserted (id uuid not null);
			create table counter (id int primary key, value bigint not null);
			insert into counter select n, 0 from generate_series(1, %d) n;
			create table list (id int primary key, elements bigint[] not null);
			create function slow_commit() returns trigger language plpgsql as $$
			begin
				if random() < 0.02 then
					perform pg_sleep(0.05);
				end if;
				return null;
			end $$;
			create constraint trigger slow_commit after insert on transfer
			deferrable initially deferred for each row execute function slow_commit();
			create constraint trigger slow_commit after insert on inserted
			deferrable initially deferred for each row execute function slow_commit();
			grant all on account, transfer, inserted, counter, list to public;
			"""
		.formatted(INITIAL_BALANCE, ACCOUNTS, COUNTERS);

	private LedgerTables() {
	}

	/**
	 * Creates the tables.
	 * @param connection an administrator's
	 * @throws SQLException if that fails
	 */
	static void create(Connection connection) throws SQLException {
		try (Statement statement = connection.createStatement()) {
			statement.execute(SCHEMA);
		}
	}

	/**
	 * Reads everything.
	 * @param connection an administrator's
	 * @return what is there
	 * @throws SQLException if that fails
	 */
	static FinalState read(Connection connection) throws SQLException {
		Map<Integer, Long> balances = new HashMap<>();
		List<Action.Transfer> transfers = new ArrayList<>();
		List<UUID> inserts = new ArrayList<>();
		Map<Integer, Long> counters = new HashMap<>();
		Map<Integer, List<Long>> lists = new HashMap<>();
		query(connection, "select id, balance from account",
				(row) -> balances.put(row.getInt("id"), row.getLong("balance")));
		query(connection, "select * from transfer",
				(row) -> transfers.add(new Action.Transfer(row.getObject("id", UUID.class), row.getInt("sender"),
						row.getInt("receiver"), row.getLong("amount"))));
		query(connection, "select id from inserted", (row) -> inserts.add(row.getObject("id", UUID.class)));
		query(connection, "select * from counter", (row) -> counters.put(row.getInt("id"), row.getLong("value")));
		query(connection, "select * from list",
				(row) -> lists.put(row.getInt("id"), List.of((Long[]) row.getArray("elements").getArray())));
		return new FinalState(balances, transfers, inserts, counters, lists);
	}

	private static void query(Connection connection, String sql, Row row) throws SQLException {
		try (Statement statement = connection.createStatement(); ResultSet result = statement.executeQuery(sql)) {
			while (result.next()) {
				row.read(result);
			}
		}
	}

	@FunctionalInterface
	private interface Row {

		void read(ResultSet row) throws SQLException;

	}

}
