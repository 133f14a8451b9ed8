// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.sample.transfer;

import java.math.BigDecimal;
import java.util.UUID;

import io.github.dbresilience.sample.input.Money;
import jakarta.validation.constraints.DecimalMin;
import jakarta.validation.constraints.NotNull;

/**
 * A wish to move money.
 *
 * @param id the id that the client chose: the same request sent again is recognised by it
 * @param from the account that pays
 * @param to the account that is paid
 * @param amount how much
 */
record NewTransfer(@NotNull(message = "has to be present") UUID id, @NotNull(message = "has to be present") UUID from,
		@NotNull(message = "has to be present") UUID to,
		@Money @DecimalMin(value = "0.01", message = "has to be at least 0.01") BigDecimal amount) {
}
