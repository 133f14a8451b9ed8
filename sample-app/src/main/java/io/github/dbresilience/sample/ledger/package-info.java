// SPDX-License-Identifier: Apache-2.0
/**
 * The proof that no money was lost or made: the check of the books.
 */
@NullMarked
package io.github.dbresilience.sample.ledger;

import org.jspecify.annotations.NullMarked;
