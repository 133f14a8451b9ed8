// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.sample.order;

import java.math.BigDecimal;

/**
 * A line of an order.
 *
 * @param sku the article
 * @param name what the article was called when it was ordered
 * @param quantity how many
 * @param unitPrice what one cost when it was ordered
 */
record OrderLine(String sku, String name, int quantity, BigDecimal unitPrice) {

	BigDecimal price() {
		return this.unitPrice.multiply(BigDecimal.valueOf(this.quantity));
	}

	@Override
	public String toString() {
		return this.quantity + " x " + this.name;
	}

}
