// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.sample.order;

import org.springframework.dao.ConcurrencyFailureException;
import org.springframework.retry.annotation.Backoff;
import org.springframework.retry.annotation.Retryable;
import org.springframework.stereotype.Service;

/**
 * Tries an order again after a deadlock, outside its transaction. Orders lock in one
 * order, so this is for deadlocks with anything else that works on the same rows.
 */
@Service
class OrderDesk {

	private final OrderService orders;

	OrderDesk(OrderService orders) {
		this.orders = orders;
	}

	@Retryable(retryFor = ConcurrencyFailureException.class, maxAttempts = 10,
			backoff = @Backoff(delay = 5, multiplier = 2, maxDelay = 200, random = true))
	public Order place(NewOrder order) {
		return this.orders.place(order);
	}

}
