// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.sample.order;

import java.util.List;
import java.util.UUID;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class NewOrderTests {

	@Test
	void quantitiesAreAddedUpByArticleAndOrderedForLocking() {
		NewOrder order = order(null, new NewOrder.Line("B", 1), new NewOrder.Line("A", 2), new NewOrder.Line("B", 3));
		assertThat(order.quantities().entrySet()).extracting(Object::toString).containsExactly("A=2", "B=4");
	}

	@Test
	void aBlankCouponIsNone() {
		assertThat(order(" \t").coupon()).isNull();
		assertThat(order(" HALF50 ").coupon()).isEqualTo("HALF50");
	}

	private static NewOrder order(@Nullable String coupon, NewOrder.Line... lines) {
		return new NewOrder(UUID.randomUUID(), UUID.randomUUID(), List.of(lines), coupon);
	}

}
