// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.sample;

import java.sql.SQLException;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatNoException;

/**
 * What the role for an application that does not own its tables may do.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class LeastPrivilegeIT {

	private final LedgerServer server = new LedgerServer();

	@BeforeAll
	void migrate() throws Exception {
		this.server.asAdmin("alter role %s createrole".formatted(this.server.ownerName()));
		this.server.migrate();
	}

	@AfterAll
	void end() {
		this.server.close();
	}

	@ParameterizedTest
	@ValueSource(strings = { "delete from transfer", "update transfer set amount = 1", "delete from account",
			"update account set opening_balance = 1", "update product set price = 0",
			"insert into coupon values ('X', 1, now(), 1)", "drop table payment", "truncate orders",
			"create table more (id int)", "select * from databasechangelog", "alter role ledger_app superuser" })
	void itCannotDoMoreThanTheApplicationNeeds(String sql) {
		assertThatExceptionOfType(SQLException.class).isThrownBy(() -> this.server.asAdmin("set role ledger_app", sql))
			.satisfies((ex) -> assertThat(ex.getSQLState()).isEqualTo("42501"));
	}

	@Test
	void itCanDoWhatTheApplicationDoes() {
		assertThatNoException().isThrownBy(() -> this.server.asAdmin("set role ledger_app",
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
	void itCannotLogInNorAnythingElseThatIsSpecial() {
		assertThat(this.server
			.query("""
					select rolcanlogin or rolsuper or rolcreaterole or rolcreatedb from pg_roles where rolname = 'ledger_app'
					"""))
			.isEqualTo("f");
	}

}
