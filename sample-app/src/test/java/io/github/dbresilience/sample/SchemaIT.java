// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.sample;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.function.Function;

import javax.sql.DataSource;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.SingleConnectionDataSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * What the migrations made. Nothing here is committed.
 */
@SampleIT
class SchemaIT {

	private final DataSource dataSource;

	private final JdbcClient jdbc;

	SchemaIT(DataSource dataSource, JdbcClient jdbc) {
		this.dataSource = dataSource;
		this.jdbc = jdbc;
	}

	@Test
	void thereAreMoreThanTenIndexesBesidesThePrimaryKeys() {
		List<String> indexes = this.jdbc
			.sql("""
					select indexname from pg_indexes
					where schemaname = current_schema() and indexname like '%_idx' and tablename not like 'databasechangelog%'
					""")
			.query(String.class)
			.list();
		assertThat(indexes).hasSizeGreaterThan(10).contains("orders_search_idx");
	}

	@Test
	void everyForeignKeyHasAnIndex() {
		assertThat(this.jdbc.sql("""
				select conrelid::regclass || ' ' || conname from pg_constraint c
				where contype = 'f' and connamespace = current_schema()::regnamespace and not exists (
					select from pg_index i where i.indrelid = c.conrelid and i.indkey[0] = c.conkey[1])
				""").query(String.class).list()).isEmpty();
	}

	@Test
	void aSearchCanUseItsIndex() throws SQLException {
		String plan = inTransaction((client) -> {
			client.sql("set local enable_seqscan = off").update();
			return client.sql("explain select 1 from orders where search @@ websearch_to_tsquery('english', 'grinder')")
				.query(String.class)
				.list()
				.toString();
		});
		assertThat(plan).contains("orders_search_idx");
	}

	@ParameterizedTest
	@ValueSource(strings = { "account", "product", "coupon", "orders" })
	void everyTableThatChangesNotesWhen(String table) {
		assertThat(this.jdbc.sql("""
				select count(*) from information_schema.triggers
				where event_object_table = ? and event_manipulation = 'UPDATE' and action_timing = 'BEFORE'
				""").param(table).query(Integer.class).single()).isEqualTo(1);
	}

	@Test
	void anUpdateMovesUpdatedAt() throws SQLException {
		boolean moved = inTransaction((client) -> client.sql("""
				update product set stock = stock where sku = 'ESP-100'
				returning updated_at > now() and updated_at > created_at
				""").query(Boolean.class).single());
		assertThat(moved).isTrue();
	}

	@ParameterizedTest
	@ValueSource(strings = { "update product set stock = -1", "update coupon set uses_left = -1",
			"insert into account (id, owner, opening_balance, balance) values (gen_random_uuid(), 'Ann', 0, -1)",
			"insert into account (id, owner, opening_balance, balance) values (gen_random_uuid(), '', 0, 0)" })
	void theDatabaseItselfRefusesWhatMustNotBe(String sql) {
		assertRefused(sql, "23514");
	}

	private void assertRefused(String sql, String sqlState) {
		assertThatExceptionOfType(SQLException.class).isThrownBy(() -> {
			try (Connection connection = this.dataSource.getConnection();
					Statement statement = connection.createStatement()) {
				connection.setAutoCommit(false);
				try {
					statement.execute(sql);
				}
				finally {
					connection.rollback();
				}
			}
		}).satisfies((ex) -> assertThat(ex.getSQLState()).isEqualTo(sqlState));
	}

	private <T> T inTransaction(Function<JdbcClient, T> work) throws SQLException {
		try (Connection connection = this.dataSource.getConnection()) {
			connection.setAutoCommit(false);
			try {
				return work.apply(JdbcClient.create(new SingleConnectionDataSource(connection, true)));
			}
			finally {
				connection.rollback();
			}
		}
	}

}
