// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.sample.order;

import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;

import io.github.dbresilience.sample.input.PlainText;
import jakarta.validation.Valid;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Size;
import org.jspecify.annotations.Nullable;

/**
 * A wish to buy.
 *
 * @param id the id that the client chose
 * @param accountId the account that pays
 * @param lines between 1 and 50 lines
 * @param coupon the code of a coupon, if any
 */
record NewOrder(@NotNull(message = "has to be present") UUID id, @NotNull(message = "has to be present") UUID accountId,
		@NotNull(message = "has to be present") @Size(min = 1, max = 50,
				message = "has to have between 1 and 50 entries") List<@NotNull(
						message = "has to be present") @Valid Line> lines,
		@Nullable @PlainText String coupon) {

	NewOrder {
		coupon = (coupon == null || coupon.isBlank()) ? null : coupon.strip();
	}

	/**
	 * What is to be bought: one entry for each article, however often it is listed, in
	 * the order in which every order locks them.
	 * @return quantities by SKU
	 */
	SortedMap<String, Integer> quantities() {
		SortedMap<String, Integer> quantities = new TreeMap<>();
		this.lines.forEach((line) -> quantities.merge(line.sku(), line.quantity(), Integer::sum));
		return quantities;
	}

	/**
	 * One line.
	 *
	 * @param sku the article
	 * @param quantity how many, up to 1000
	 */
	record Line(@NotBlank(message = "has to be present") @PlainText String sku,
			@NotNull(message = "has to be present") @Min(value = 1, message = "has to be at least 1") @Max(value = 1000,
					message = "has to be at most 1000") Integer quantity) {
	}

}
