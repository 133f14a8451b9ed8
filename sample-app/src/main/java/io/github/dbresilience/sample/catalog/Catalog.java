// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.sample.catalog;

import java.time.Instant;
import java.util.List;

/**
 * The catalog as it was at some moment.
 *
 * @param degraded whether it comes from memory because the database is away
 * @param asOf when it was read from the database
 * @param items the products
 */
record Catalog(boolean degraded, Instant asOf, List<Product> items) {

	Catalog asDegraded() {
		return new Catalog(true, this.asOf, this.items);
	}

}
