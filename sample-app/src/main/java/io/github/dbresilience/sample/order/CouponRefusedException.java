// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.sample.order;

import java.io.Serial;

/**
 * A coupon that does not apply. Rolls back to the savepoint before the coupon, not the
 * order.
 */
class CouponRefusedException extends RuntimeException {

	@Serial
	private static final long serialVersionUID = 1L;

	CouponRefusedException(String message) {
		super(message);
	}

}
