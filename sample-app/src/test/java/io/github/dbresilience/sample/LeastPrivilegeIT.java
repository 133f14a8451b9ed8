// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.sample;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;

import io.github.dbresilience.testing.PostgresServer;
import liquibase.exception.LiquibaseException;
import liquibase.integration.spring.SpringLiquibase;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.core.io.DefaultResourceLoader;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatNoException;

/**
 * The role of an application that does not own its tables.
 */
@ExtendWith(OutputCaptureExtension.class)
class LeastPrivilegeIT {

	private final PostgresServer server = PostgresServer.create();

	private final DriverManagerDataSource owner = new DriverManagerDataSource(this.server.jdbcUrl(),
			this.server.username(), this.server.password());

	@BeforeEach
	void letTheOwnerMakeRoles() throws SQLException {
		asAdmin("alter role %s createrole".formatted(this.server.username()));
	}

	@AfterEach
	void end() {
		this.server.close();
	}

	@ParameterizedTest
	@ValueSource(strings = { "delete from transfer", "update transfer set amount = 1", "delete from account",
			"update account set opening_balance = 1", "update product set price = 0",
			"insert into coupon values ('X', 1, now(), 1)", "drop table payment", "truncate orders",
			"create table more (id int)", "select * from databasechangelog", "alter role ledger_app superuser" })
	void theRoleCannotDoMoreThanTheApplicationNeeds(String sql) throws Exception {
		migrate();
		assertThatExceptionOfType(SQLException.class).isThrownBy(() -> asAdmin("set role ledger_app", sql))
			.satisfies((ex) -> assertThat(ex.getSQLState()).isEqualTo("42501"));
	}

	@Test
	void theRoleCanDoWhatTheApplicationDoes() throws Exception {
		migrate();
		assertThatNoException().isThrownBy(() -> asAdmin("set role ledger_app",
				"insert into account (id, owner, opening_balance, balance) values (gen_random_uuid(), 'A', 1, 1)",
				"update account set balance = balance - 1", "select * from account, transfer, product, coupon",
				"update product set stock = stock - 1 where stock > 0",
				"update coupon set uses_left = uses_left - 1 where uses_left > 0",
				"insert into orders (id, account_id, summary) select id, id, '' from account",
				"insert into order_line select id, 'ESP-100', '', 1, 1 from orders",
				"insert into coupon_redemption select 'HALF50', account_id, id from orders",
				"insert into payment select id, account_id, 1 from orders",
				"update orders set discount = 1, coupon_refusal = ''",
				"insert into transfer select id, id, id, 1 from account where false"));
	}

	@Test
	void theRoleCannotLogInNorAnythingElseThatIsSpecial() throws Exception {
		migrate();
		assertThat(
				query("""
						select rolcanlogin or rolsuper or rolcreaterole or rolcreatedb from pg_roles where rolname = 'ledger_app'
						"""))
			.isEqualTo("f");
	}

	@Test
	void aRoleThatIsThereAlreadyIsGivenTheRights() throws Exception {
		asAdmin("create role ledger_app nologin");
		migrate();
		assertThat(query("select has_table_privilege('ledger_app', 'transfer', 'insert')")).isEqualTo("t");
	}

	@Test
	void aUserWhoMayNotMakeRolesIsToldAndAnAdministratorCanMakeItLater(CapturedOutput output) throws Exception {
		asAdmin("alter role %s nocreaterole".formatted(this.server.username()));
		migrate();
		assertThat(query("select count(*) from pg_roles where rolname = 'ledger_app'")).isEqualTo("0");
		assertThat(output).contains("The role ledger_app is not created").contains("CREATE ROLE ledger_app NOLOGIN");
		asAdmin("create role ledger_app nologin");
		migrate();
		assertThat(query("select has_table_privilege('ledger_app', 'transfer', 'insert')")).isEqualTo("t");
		migrate();
		assertThat(query("select count(*) from databasechangelog where id like '%ledger-app'")).isEqualTo("2");
	}

	private void migrate() throws LiquibaseException {
		SpringLiquibase liquibase = new SpringLiquibase();
		liquibase.setDataSource(this.owner);
		liquibase.setChangeLog("classpath:/db/changelog/db.changelog-master.yaml");
		liquibase.setResourceLoader(new DefaultResourceLoader());
		liquibase.setAnalyticsEnabled(false);
		liquibase.afterPropertiesSet();
	}

	private String query(String sql) {
		return String.valueOf(new JdbcTemplate(this.owner).queryForObject(sql, String.class));
	}

	private void asAdmin(String... statements) throws SQLException {
		try (Connection connection = this.server.connect(); Statement statement = connection.createStatement()) {
			for (String sql : statements) {
				statement.execute(sql);
			}
		}
	}

}
