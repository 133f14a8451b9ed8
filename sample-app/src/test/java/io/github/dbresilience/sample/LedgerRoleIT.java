// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.sample;

import java.util.UUID;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ConfigurableApplicationContext;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * How the role for an application that does not own its tables comes about, and that the
 * application is content with it.
 */
@ExtendWith(OutputCaptureExtension.class)
class LedgerRoleIT {

	private static final String MAY_INSERT = "select has_table_privilege('ledger_app', 'transfer', 'insert')";

	private final LedgerServer server = new LedgerServer();

	@AfterEach
	void end() {
		this.server.close();
	}

	@Test
	void aRoleThatIsThereAlreadyIsGivenTheRights() throws Exception {
		this.server.asAdmin("create role ledger_app nologin");
		this.server.migrate();
		assertThat(this.server.query(MAY_INSERT)).isEqualTo("t");
	}

	@Test
	void aUserWhoMayNotMakeRolesIsToldAndAnAdministratorCanMakeItLater(CapturedOutput output) throws Exception {
		this.server.application(this.server.ownerName(), this.server.ownerPassword()).close();
		assertThat(this.server.query("select count(*) from pg_roles where rolname = 'ledger_app'")).isEqualTo("0");
		assertThat(output).contains("WARN")
			.contains("The role ledger_app is not created")
			.contains("CREATE ROLE ledger_app NOLOGIN");
		this.server.asAdmin("create role ledger_app nologin");
		this.server.migrate();
		assertThat(this.server.query(MAY_INSERT)).isEqualTo("t");
		this.server.migrate();
		assertThat(this.server.query("select count(*) from databasechangelog where id like '%ledger-app'"))
			.isEqualTo("2");
	}

	@Test
	void theApplicationRunsWithTheRoleAndMigratesAsTheOwner() throws Exception {
		this.server.asAdmin("alter role %s createrole".formatted(this.server.ownerName()));
		this.server.migrate();
		this.server.asAdmin("create role clerk login password 'clerk' in role ledger_app");
		try (ConfigurableApplicationContext context = this.server.application("clerk", "clerk",
				"--spring.liquibase.user=" + this.server.ownerName(),
				"--spring.liquibase.password=" + this.server.ownerPassword())) {
			String port = String.valueOf(context.getEnvironment().getProperty("local.server.port"));
			Api api = new Api(Integer.parseInt(port));
			UUID account = api.account("100");
			api.transfer(UUID.randomUUID(), account, api.account("1"), "1").expectStatus().isCreated();
			api.order(UUID.randomUUID(), account, "{\"sku\": \"CUP-600\", \"quantity\": 1}", "\"HALF50\"")
				.expectStatus()
				.isCreated()
				.expectBody()
				.jsonPath("$.discount.applied")
				.isEqualTo(true);
			api.assertBalanced();
		}
	}

}
