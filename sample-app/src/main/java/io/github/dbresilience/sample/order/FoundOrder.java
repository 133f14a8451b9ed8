// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.sample.order;

import java.math.BigDecimal;
import java.time.Instant;
import java.util.UUID;

/**
 * An order as a search shows it.
 *
 * @param id the id of the order
 * @param accountId the account that paid
 * @param summary what was bought, in words
 * @param total what was paid
 * @param createdAt when
 */
record FoundOrder(UUID id, UUID accountId, String summary, BigDecimal total, Instant createdAt) {
}
