// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.sample.catalog;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;

import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;
import org.springframework.transaction.annotation.Transactional;

/**
 * The table {@code product}.
 */
@Repository
public class ProductRepository {

	private static final String COLUMNS = "sku, name, description, price, stock";

	private final JdbcClient jdbc;

	ProductRepository(JdbcClient jdbc) {
		this.jdbc = jdbc;
	}

	@Transactional(readOnly = true)
	List<Product> all() {
		return this.jdbc.sql("select " + COLUMNS + " from product order by name, sku")
			.query(ProductRepository::map)
			.list();
	}

	/**
	 * Looks a product up.
	 * @param sku the number of the article
	 * @return the product, if there is one
	 */
	public Optional<Product> find(String sku) {
		return this.jdbc.sql("select " + COLUMNS + " from product where sku = :sku")
			.param("sku", sku)
			.query(ProductRepository::map)
			.optional();
	}

	/**
	 * Takes goods out of the stock.
	 * @param sku the number of the article
	 * @param quantity how many
	 * @return {@code false} if there are not that many, and nothing was taken
	 */
	public boolean take(String sku, int quantity) {
		return this.jdbc.sql("update product set stock = stock - :quantity where sku = :sku and stock >= :quantity")
			.param("quantity", quantity)
			.param("sku", sku)
			.update() == 1;
	}

	private static Product map(ResultSet row, int number) throws SQLException {
		return new Product(row.getString("sku"), row.getString("name"), row.getString("description"),
				row.getBigDecimal("price"), row.getInt("stock"));
	}

}
