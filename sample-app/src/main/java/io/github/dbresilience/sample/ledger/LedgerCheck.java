// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.sample.ledger;

import java.math.BigDecimal;

/**
 * What the check of the books found, all of it at one moment.
 *
 * @param accounts how many accounts there are
 * @param totalBalance the sum of their balances
 * @param transfers how many transfers happened
 * @param payments how many orders were paid
 * @param wrongAccounts how many accounts hold another amount than their opening balance
 * and their transfers and payments explain
 * @param balanced whether there is no such account
 */
record LedgerCheck(long accounts, BigDecimal totalBalance, long transfers, long payments, long wrongAccounts,
		boolean balanced) {
}
