// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.sample.catalog;

import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

@RestController
class CatalogController {

	private final CatalogService catalog;

	CatalogController(CatalogService catalog) {
		this.catalog = catalog;
	}

	@GetMapping("/api/catalog")
	Catalog catalog() {
		return this.catalog.read();
	}

}
