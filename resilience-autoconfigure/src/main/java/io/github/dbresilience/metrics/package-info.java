// SPDX-License-Identifier: Apache-2.0
/**
 * Meters of the data path, read from memory.
 */
@NullMarked
package io.github.dbresilience.metrics;

import org.jspecify.annotations.NullMarked;
