// SPDX-License-Identifier: Apache-2.0
/**
 * Moving money between accounts, in serializable transactions that are retried.
 */
@NullMarked
package io.github.dbresilience.sample.transfer;

import org.jspecify.annotations.NullMarked;
