// SPDX-License-Identifier: Apache-2.0
/**
 * What the starter costs while nothing fails, measured in pairs against plain HikariCP
 * and Spring.
 */
@NullMarked
package io.github.dbresilience.benchmark;

import org.jspecify.annotations.NullMarked;
