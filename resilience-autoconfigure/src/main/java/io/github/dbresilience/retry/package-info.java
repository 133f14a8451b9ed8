// SPDX-License-Identifier: Apache-2.0
/**
 * Trying again: attempts, back-off with full jitter and one deadline over everything. The
 * only package that knows spring-retry.
 */
@NullMarked
package io.github.dbresilience.retry;

import org.jspecify.annotations.NullMarked;
