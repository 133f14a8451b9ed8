// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.sample.account;

import java.util.List;

import jakarta.validation.Valid;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Size;

/**
 * Accounts to be opened together, all or none.
 *
 * @param accounts between 1 and 1000 of them
 */
record NewAccounts(@NotNull(message = "has to be present") @Size(min = 1, max = NewAccounts.MAX,
		message = "has to have between 1 and 1000 entries") List<@NotNull(
				message = "has to be present") @Valid NewAccount> accounts) {

	static final int MAX = 1000;

}
