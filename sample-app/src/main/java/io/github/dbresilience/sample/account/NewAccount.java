// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.sample.account;

import java.math.BigDecimal;
import java.util.Objects;
import java.util.UUID;

import io.github.dbresilience.sample.input.Money;
import io.github.dbresilience.sample.input.PlainText;
import jakarta.validation.constraints.DecimalMin;
import jakarta.validation.constraints.NotBlank;
import org.jspecify.annotations.Nullable;

/**
 * A wish to open an account.
 *
 * @param id the id that the client chose, so that it can repeat the request safely
 * @param owner whose it is
 * @param balance what it holds at first
 */
record NewAccount(@Nullable UUID id, @NotBlank(message = "has to be present") @PlainText String owner,
		@Money @DecimalMin(value = "0", message = "has to be at least 0") BigDecimal balance) {

	NewAccount withId() {
		return (this.id != null) ? this : new NewAccount(UUID.randomUUID(), this.owner, this.balance);
	}

	UUID requiredId() {
		return Objects.requireNonNull(this.id, "an id is given to every account before it is stored");
	}

}
