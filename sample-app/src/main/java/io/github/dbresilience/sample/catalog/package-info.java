// SPDX-License-Identifier: Apache-2.0
/**
 * The product catalog, which is shown from memory while the database is away.
 */
@NullMarked
package io.github.dbresilience.sample.catalog;

import org.jspecify.annotations.NullMarked;
