// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.sample.catalog;

import java.math.BigDecimal;

/**
 * An article that is sold.
 *
 * @param sku the number of the article
 * @param name what it is called
 * @param description what it is good for
 * @param price what one costs
 * @param stock how many there are
 */
public record Product(String sku, String name, String description, BigDecimal price, int stock) {
}
