// SPDX-License-Identifier: Apache-2.0
/**
 * What migrations need from the data path.
 */
@NullMarked
package io.github.dbresilience.migration;

import org.jspecify.annotations.NullMarked;
