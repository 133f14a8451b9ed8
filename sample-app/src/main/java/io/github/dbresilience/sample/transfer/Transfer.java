// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.sample.transfer;

import java.math.BigDecimal;
import java.time.Instant;
import java.util.UUID;

/**
 * A transfer that happened.
 *
 * @param id the id that the client chose
 * @param from the account that paid
 * @param to the account that was paid
 * @param amount how much
 * @param createdAt when
 */
record Transfer(UUID id, UUID from, UUID to, BigDecimal amount, Instant createdAt) {
}
