// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.sample.order;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;

import io.github.dbresilience.retry.RetryableTransaction;
import io.github.dbresilience.sample.account.AccountRepository;
import io.github.dbresilience.sample.catalog.Product;
import io.github.dbresilience.sample.catalog.ProductRepository;
import io.github.dbresilience.sample.problem.ProblemType;
import io.github.dbresilience.sample.problem.RefusedException;

import org.springframework.dao.DataIntegrityViolationException;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;

/**
 * Takes orders: stock, payment and lines are written together or not at all; the coupon
 * may fail by itself, see {@link CouponService}.
 */
@Service
class OrderService {

	private final AccountRepository accounts;

	private final ProductRepository products;

	private final OrderRepository orders;

	private final CouponService coupons;

	OrderService(AccountRepository accounts, ProductRepository products, OrderRepository orders,
			CouponService coupons) {
		this.accounts = accounts;
		this.products = products;
		this.orders = orders;
		this.coupons = coupons;
	}

	/**
	 * Takes an order. Every order locks products by SKU, then its coupon, then its
	 * account, so two orders never run into a deadlock.
	 * @param order what is to be bought
	 * @return the order as it is stored
	 */
	@Transactional
	@RetryableTransaction
	public Order place(NewOrder order) {
		if (!this.accounts.exists(order.accountId())) {
			throw new RefusedException(ProblemType.NOT_FOUND, "There is no account " + order.accountId() + ".");
		}
		List<OrderLine> lines = price(order);
		insert(order, lines);
		reserve(lines);
		BigDecimal price = lines.stream().map(OrderLine::price).reduce(BigDecimal.ZERO, BigDecimal::add);
		Discount discount = discount(order, price);
		pay(order, price.subtract(discount.amount()), discount);
		return this.orders.find(order.id()).orElseThrow();
	}

	private List<OrderLine> price(NewOrder order) {
		List<OrderLine> lines = new ArrayList<>();
		order.quantities().forEach((sku, quantity) -> {
			Product product = this.products.find(sku)
				.orElseThrow(() -> new RefusedException(ProblemType.NOT_FOUND, "There is no product " + sku + "."));
			lines.add(new OrderLine(sku, product.name(), quantity, product.price()));
		});
		return lines;
	}

	private void insert(NewOrder order, List<OrderLine> lines) {
		try {
			this.orders.insert(order, lines);
		}
		catch (DuplicateKeyException ex) {
			throw new RefusedException(ProblemType.ALREADY_EXISTS, "An order with this id was placed already.");
		}
	}

	private void reserve(List<OrderLine> lines) {
		for (OrderLine line : lines) {
			if (!this.products.take(line.sku(), line.quantity())) {
				throw new RefusedException(ProblemType.OUT_OF_STOCK,
						"The stock holds less than " + line.quantity() + " of " + line.sku() + ".");
			}
		}
	}

	private Discount discount(NewOrder order, BigDecimal price) {
		String coupon = order.coupon();
		if (coupon == null) {
			return Discount.none();
		}
		try {
			return this.coupons.redeem(coupon, order, price);
		}
		catch (CouponRefusedException ex) {
			return Discount.refused(coupon, String.valueOf(ex.getMessage()));
		}
		catch (DuplicateKeyException ex) {
			return Discount.refused(coupon, "The account has used the coupon before.");
		}
		catch (DataIntegrityViolationException ex) {
			return Discount.refused(coupon, "The coupon is used up.");
		}
	}

	private void pay(NewOrder order, BigDecimal total, Discount discount) {
		if (!this.accounts.withdraw(order.accountId(), total)) {
			throw new RefusedException(ProblemType.INSUFFICIENT_FUNDS,
					"Account " + order.accountId() + " holds less than the total of " + total + ".");
		}
		this.orders.paid(order, total, discount);
	}

}
