// SPDX-License-Identifier: Apache-2.0
/**
 * What {@code /actuator/health} says of each database, from memory.
 */
@NullMarked
package io.github.dbresilience.health;

import org.jspecify.annotations.NullMarked;
