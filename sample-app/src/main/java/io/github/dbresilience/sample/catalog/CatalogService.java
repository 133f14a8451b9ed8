// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.sample.catalog;

import java.time.Clock;
import java.util.concurrent.atomic.AtomicReference;

import io.github.dbresilience.circuitbreaker.ResilientOperation;
import org.jspecify.annotations.Nullable;

import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;

/**
 * Shows the catalog, from memory while the database is away. <b>Usage example: breaker
 * with fallback.</b> An old price list is better than none; an old balance would not be.
 */
@Service
class CatalogService {

	private final ProductRepository products;

	private final Clock clock;

	private final AtomicReference<@Nullable Catalog> lastGood = new AtomicReference<>();

	CatalogService(ProductRepository products, Clock clock) {
		this.products = products;
		this.clock = clock;
	}

	/**
	 * Reads the catalog. After some failures of the database the operation's own breaker
	 * opens, and the fallback answers without trying.
	 * @return the catalog
	 */
	@Transactional(readOnly = true)
	@ResilientOperation(name = "catalog", fallbackMethod = "lastGoodCopy")
	public Catalog read() {
		Catalog catalog = new Catalog(false, this.clock.instant(), this.products.all());
		this.lastGood.set(catalog);
		return catalog;
	}

	/**
	 * Answers instead of {@link #read()}.
	 * @param failure why the database did not
	 * @return the catalog as it was last read
	 * @throws Throwable the failure itself, if the catalog was never read
	 */
	public Catalog lastGoodCopy(Throwable failure) throws Throwable {
		Catalog copy = this.lastGood.get();
		if (copy == null) {
			throw failure;
		}
		return copy.asDegraded();
	}

}
