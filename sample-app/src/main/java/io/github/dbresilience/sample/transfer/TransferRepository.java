// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.sample.transfer;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.util.Optional;
import java.util.UUID;

import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/**
 * The table {@code transfer}.
 */
@Repository
class TransferRepository {

	private final JdbcClient jdbc;

	TransferRepository(JdbcClient jdbc) {
		this.jdbc = jdbc;
	}

	void insert(NewTransfer transfer) {
		this.jdbc.sql("insert into transfer (id, from_account, to_account, amount) values (:id, :from, :to, :amount)")
			.param("id", transfer.id())
			.param("from", transfer.from())
			.param("to", transfer.to())
			.param("amount", transfer.amount())
			.update();
	}

	Optional<Transfer> find(UUID id) {
		return this.jdbc.sql("select id, from_account, to_account, amount, created_at from transfer where id = :id")
			.param("id", id)
			.query(TransferRepository::map)
			.optional();
	}

	private static Transfer map(ResultSet row, int number) throws SQLException {
		return new Transfer(row.getObject("id", UUID.class), row.getObject("from_account", UUID.class),
				row.getObject("to_account", UUID.class), row.getBigDecimal("amount"),
				row.getObject("created_at", OffsetDateTime.class).toInstant());
	}

}
