// SPDX-License-Identifier: Apache-2.0
/**
 * Accounts with a balance: opening them one by one or many at once, and looking them up.
 */
@NullMarked
package io.github.dbresilience.sample.account;

import org.jspecify.annotations.NullMarked;
