// SPDX-License-Identifier: Apache-2.0
/**
 * Orders: stock, payment and an optional coupon in one transaction, and searching them.
 */
@NullMarked
package io.github.dbresilience.sample.order;

import org.jspecify.annotations.NullMarked;
