// SPDX-License-Identifier: Apache-2.0
/**
 * Which servers there are behind a data source, what each of them is, and which of them
 * must not be written to.
 */
@NullMarked
package io.github.dbresilience.topology;

import org.jspecify.annotations.NullMarked;
