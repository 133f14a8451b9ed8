// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.sample.order;

import java.math.BigDecimal;

import org.jspecify.annotations.Nullable;

/**
 * What became of the coupon of an order.
 *
 * @param coupon the code that was given, if any
 * @param applied whether it was accepted
 * @param amount what it saves, zero if it was not
 * @param refusal why it was not accepted
 */
record Discount(@Nullable String coupon, boolean applied, BigDecimal amount, @Nullable String refusal) {

	static Discount none() {
		return new Discount(null, false, BigDecimal.ZERO.setScale(2), null);
	}

	static Discount applied(String coupon, BigDecimal amount) {
		return new Discount(coupon, true, amount, null);
	}

	static Discount refused(String coupon, String refusal) {
		return new Discount(coupon, false, BigDecimal.ZERO.setScale(2), refusal);
	}

}
