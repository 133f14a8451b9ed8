// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.sample.account;

import java.util.List;

/**
 * Some of the accounts, oldest first.
 *
 * @param page which page, from 0
 * @param size how many accounts a page has at most
 * @param total how many accounts there are
 * @param items the accounts
 */
record AccountPage(int page, int size, long total, List<Account> items) {
}
