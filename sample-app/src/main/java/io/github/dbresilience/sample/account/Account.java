// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.sample.account;

import java.math.BigDecimal;
import java.time.Instant;
import java.util.UUID;

/**
 * An account as it is stored.
 *
 * @param id the id
 * @param owner whose it is
 * @param balance what it holds, never negative
 * @param createdAt when it was opened
 * @param updatedAt when it last changed
 */
record Account(UUID id, String owner, BigDecimal balance, Instant createdAt, Instant updatedAt) {
}
