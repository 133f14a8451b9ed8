// SPDX-License-Identifier: Apache-2.0
/**
 * Transactions without annotations: the template.
 */
@NullMarked
package io.github.dbresilience.transaction;

import org.jspecify.annotations.NullMarked;
