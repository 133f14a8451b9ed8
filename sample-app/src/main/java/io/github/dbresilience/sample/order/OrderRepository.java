// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.sample.order;

import java.math.BigDecimal;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Collectors;

import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/**
 * The tables {@code orders}, {@code order_line} and {@code payment}.
 */
@Repository
class OrderRepository {

	private final JdbcClient jdbc;

	private final JdbcTemplate batch;

	OrderRepository(JdbcClient jdbc, JdbcTemplate batch) {
		this.jdbc = jdbc;
		this.batch = batch;
	}

	void insert(NewOrder order, List<OrderLine> lines) {
		this.jdbc.sql("insert into orders (id, account_id, coupon, summary) values (:id, :account, :coupon, :summary)")
			.param("id", order.id())
			.param("account", order.accountId())
			.param("coupon", order.coupon())
			.param("summary", lines.stream().map(OrderLine::toString).collect(Collectors.joining(", ")))
			.update();
		this.batch.batchUpdate(
				"insert into order_line (order_id, sku, name, quantity, unit_price) values (?, ?, ?, ?, ?)", lines,
				lines.size(), (statement, line) -> {
					statement.setObject(1, order.id());
					statement.setString(2, line.sku());
					statement.setString(3, line.name());
					statement.setInt(4, line.quantity());
					statement.setBigDecimal(5, line.unitPrice());
				});
	}

	void paid(NewOrder order, BigDecimal total, Discount discount) {
		this.jdbc.sql("insert into payment (order_id, account_id, amount) values (:order, :account, :amount)")
			.param("order", order.id())
			.param("account", order.accountId())
			.param("amount", total)
			.update();
		this.jdbc.sql("update orders set discount = :discount, coupon_refusal = :refusal where id = :id")
			.param("discount", discount.amount())
			.param("refusal", discount.refusal())
			.param("id", order.id())
			.update();
	}

	Optional<Order> find(UUID id) {
		List<OrderLine> lines = this.jdbc
			.sql("select sku, name, quantity, unit_price from order_line where order_id = :id order by sku")
			.param("id", id)
			.query((row, number) -> new OrderLine(row.getString(1), row.getString(2), row.getInt(3),
					row.getBigDecimal(4)))
			.list();
		return this.jdbc.sql("""
				select o.id, o.account_id, o.coupon, o.discount, o.coupon_refusal, p.amount, o.created_at
				from orders o join payment p on p.order_id = o.id
				where o.id = :id
				""").param("id", id).query((row, number) -> map(row, lines)).optional();
	}

	private static Order map(ResultSet row, List<OrderLine> lines) throws SQLException {
		String coupon = row.getString("coupon");
		String refusal = row.getString("coupon_refusal");
		Discount discount = new Discount(coupon, coupon != null && refusal == null, row.getBigDecimal("discount"),
				refusal);
		return new Order(row.getObject("id", UUID.class), row.getObject("account_id", UUID.class), lines, discount,
				row.getBigDecimal("amount"), row.getObject("created_at", OffsetDateTime.class).toInstant());
	}

}
