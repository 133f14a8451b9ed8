// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.sample.catalog;

import java.math.BigDecimal;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;

import org.junit.jupiter.api.Test;

import org.springframework.dao.DataAccessResourceFailureException;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.mockito.BDDMockito.given;
import static org.mockito.Mockito.mock;

class CatalogServiceTests {

	private static final Product CUP = new Product("CUP-600", "Stoneware cup", "Keeps warm", BigDecimal.TEN, 3);

	private static final Instant NOW = Instant.parse("2026-01-31T12:00:00Z");

	private static final DataAccessResourceFailureException AWAY = new DataAccessResourceFailureException("away");

	private final ProductRepository products = mock();

	private final CatalogService catalog = new CatalogService(this.products, Clock.fixed(NOW, ZoneOffset.UTC));

	@Test
	void aFreshCatalogIsNotDegraded() {
		given(this.products.all()).willReturn(List.of(CUP));
		assertThat(this.catalog.read()).isEqualTo(new Catalog(false, NOW, List.of(CUP)));
	}

	@Test
	void theFallbackShowsTheLastGoodCopyAndSaysSo() throws Throwable {
		given(this.products.all()).willReturn(List.of(CUP)).willThrow(AWAY);
		this.catalog.read();
		assertThatThrownBy(this.catalog::read).isSameAs(AWAY);
		assertThat(this.catalog.lastGoodCopy(AWAY)).isEqualTo(new Catalog(true, NOW, List.of(CUP)));
		assertThat(this.catalog.lastGoodCopy(AWAY).degraded()).isTrue();
	}

	@Test
	void withoutAGoodCopyTheFallbackThrowsTheFailure() {
		assertThatThrownBy(() -> this.catalog.lastGoodCopy(AWAY)).isSameAs(AWAY);
	}

}
