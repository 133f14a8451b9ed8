// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.sample.order;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.UUID;

import io.github.dbresilience.sample.problem.ProblemType;
import io.github.dbresilience.sample.problem.RefusedException;

import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;

/**
 * Finds orders by id and by words. <b>Usage example: read-only.</b>
 */
@Service
@Transactional(readOnly = true)
class OrderSearch {

	private static final String COLUMNS = "o.id, o.account_id, o.summary, p.amount, o.created_at";

	private final JdbcClient jdbc;

	private final OrderRepository orders;

	OrderSearch(JdbcClient jdbc, OrderRepository orders) {
		this.jdbc = jdbc;
		this.orders = orders;
	}

	public Order get(UUID id) {
		return this.orders.find(id)
			.orElseThrow(() -> new RefusedException(ProblemType.NOT_FOUND, "There is no order " + id + "."));
	}

	/**
	 * Full-text search. {@code websearch_to_tsquery} takes any text: quotes, {@code or}
	 * and a leading minus have a meaning, nothing is an error.
	 * @param text what to look for; the newest orders if blank
	 * @param size how many orders at most
	 * @return the best matches first
	 */
	public List<FoundOrder> search(String text, int size) {
		String storable = text.replaceAll("[\\p{Cntrl}\\p{Cs}]", " ");
		if (storable.isBlank()) {
			return this.jdbc
				.sql("select " + COLUMNS + " from orders o join payment p on p.order_id = o.id"
						+ " order by o.created_at desc, o.id limit :size")
				.param("size", size)
				.query(OrderSearch::map)
				.list();
		}
		return this.jdbc
			.sql("select " + COLUMNS + " from orders o join payment p on p.order_id = o.id,"
					+ " websearch_to_tsquery('english', :text) query where o.search @@ query"
					+ " order by ts_rank_cd(o.search, query) desc, o.created_at desc, o.id limit :size")
			.param("text", storable)
			.param("size", size)
			.query(OrderSearch::map)
			.list();
	}

	private static FoundOrder map(ResultSet row, int number) throws SQLException {
		return new FoundOrder(row.getObject("id", UUID.class), row.getObject("account_id", UUID.class),
				row.getString("summary"), row.getBigDecimal("amount"),
				row.getObject("created_at", OffsetDateTime.class).toInstant());
	}

}
