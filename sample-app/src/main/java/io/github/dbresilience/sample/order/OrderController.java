// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.sample.order;

import java.net.URI;
import java.util.List;
import java.util.UUID;

import jakarta.validation.Valid;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.Size;

import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

@RestController
@RequestMapping("/api/orders")
class OrderController {

	private final OrderService service;

	private final OrderSearch orders;

	OrderController(OrderService service, OrderSearch orders) {
		this.service = service;
		this.orders = orders;
	}

	@PostMapping
	ResponseEntity<Order> place(@Valid @RequestBody NewOrder order) {
		Order placed = this.service.place(order);
		return ResponseEntity.created(URI.create("/api/orders/" + placed.id())).body(placed);
	}

	@GetMapping("/{id}")
	Order get(@PathVariable UUID id) {
		return this.orders.get(id);
	}

	@GetMapping
	FoundOrders search(
			@RequestParam(defaultValue = "") @Size(max = 200, message = "has to have at most 200 characters") String q,
			@RequestParam(defaultValue = "20") @Min(value = 1, message = "has to be at least 1") @Max(value = 100,
					message = "has to be at most 100") int size) {
		return new FoundOrders(this.orders.search(q, size));
	}

	/**
	 * The answer to a search.
	 *
	 * @param items the best matches first
	 */
	record FoundOrders(List<FoundOrder> items) {
	}

}
