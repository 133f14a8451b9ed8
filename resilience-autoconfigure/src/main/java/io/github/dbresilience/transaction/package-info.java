// SPDX-License-Identifier: Apache-2.0
/**
 * Transactions beyond the annotation: the template, and savepoints for nested ones with
 * JPA.
 */
@NullMarked
package io.github.dbresilience.transaction;

import org.jspecify.annotations.NullMarked;
