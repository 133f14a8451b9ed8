// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.sample.order;

import java.math.BigDecimal;
import java.math.RoundingMode;

import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;

/**
 * Redeems coupons. <b>Usage example: nested.</b>
 */
@Service
class CouponService {

	private final JdbcClient jdbc;

	CouponService(JdbcClient jdbc) {
		this.jdbc = jdbc;
	}

	/**
	 * Nested: a savepoint is set before the first statement. An exception rolls back to
	 * it, and the caller that catches the exception goes on in the same transaction.
	 * Without the savepoint the first violated constraint would doom the whole order:
	 * PostgreSQL refuses every further statement of a failed transaction.
	 * @param code the coupon
	 * @param order the order, already stored
	 * @param price what the order costs without it
	 * @return the discount
	 * @throws CouponRefusedException for a coupon that is not known or has expired
	 * @throws org.springframework.dao.DuplicateKeyException if the account has used it
	 * @throws org.springframework.dao.DataIntegrityViolationException if it is used up:
	 * the check constraint says so
	 */
	@Transactional(propagation = Propagation.NESTED)
	public Discount redeem(String code, NewOrder order, BigDecimal price) {
		int percent = this.jdbc.sql("""
				update coupon set uses_left = uses_left - 1
				where code = :code and valid_until > now()
				returning percent
				""")
			.param("code", code)
			.query(Integer.class)
			.optional()
			.orElseThrow(() -> new CouponRefusedException("The coupon is not known or has expired."));
		this.jdbc.sql("insert into coupon_redemption (coupon, account_id, order_id) values (:coupon, :account, :order)")
			.param("coupon", code)
			.param("account", order.accountId())
			.param("order", order.id())
			.update();
		return Discount.applied(code,
				price.multiply(BigDecimal.valueOf(percent)).movePointLeft(2).setScale(2, RoundingMode.HALF_UP));
	}

}
