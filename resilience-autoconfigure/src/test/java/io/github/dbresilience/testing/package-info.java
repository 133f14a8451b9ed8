// SPDX-License-Identifier: Apache-2.0
/**
 * Real PostgreSQL servers and databases for tests, and the real faults that are done to
 * them.
 */
@NullMarked
package io.github.dbresilience.testing;

import org.jspecify.annotations.NullMarked;
