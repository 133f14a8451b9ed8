// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.sample;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The starter's own change set in the changelog of the sample.
 */
class CommitTokenMigrationIT {

	@Test
	void itCreatesTheSchemaWhereTheUserMay() throws Exception {
		try (LedgerServer server = new LedgerServer()) {
			server.migrate();
			assertThat(server.query("select to_regclass('db_resilience.commit_token') is not null")).isEqualTo("t");
		}
	}

	@Test
	void itIsSkippedAndMadeUpForLaterWhereTheUserMayNot() throws Exception {
		try (LedgerServer server = new LedgerServer()) {
			String database = server.query("select current_database()");
			String owner = server.ownerName();
			server.asAdmin("alter database %s owner to postgres".formatted(database),
					"revoke create on database %s from public, %s".formatted(database, owner),
					"grant all on schema public to " + owner);
			server.migrate();
			assertThat(server.query("select to_regnamespace('db_resilience') is null")).isEqualTo("t");
			assertThat(server.query("select to_regclass('account') is not null")).isEqualTo("t");
			server.asAdmin("grant create on database %s to %s".formatted(database, owner));
			server.migrate();
			assertThat(server.query("select to_regclass('db_resilience.commit_token') is not null")).isEqualTo("t");
		}
	}

}
