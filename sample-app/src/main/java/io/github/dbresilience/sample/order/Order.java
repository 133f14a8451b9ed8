// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.sample.order;

import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;
import java.util.UUID;

/**
 * An order that was paid.
 *
 * @param id the id that the client chose
 * @param accountId the account that paid
 * @param lines what was bought
 * @param discount what became of the coupon
 * @param total what was paid
 * @param createdAt when
 */
record Order(UUID id, UUID accountId, List<OrderLine> lines, Discount discount, BigDecimal total, Instant createdAt) {
}
