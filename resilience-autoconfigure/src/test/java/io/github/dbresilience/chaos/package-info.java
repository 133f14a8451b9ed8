// SPDX-License-Identifier: Apache-2.0
/**
 * Concurrent writers, faults drawn from a seed, and checkers that compare what callers
 * were told with what the database holds in the end.
 */
@NullMarked
package io.github.dbresilience.chaos;

import org.jspecify.annotations.NullMarked;
