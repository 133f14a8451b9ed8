// SPDX-License-Identifier: Apache-2.0
/**
 * Errors as {@code application/problem+json}, and what a failed database means to a
 * client.
 */
@NullMarked
package io.github.dbresilience.sample.problem;

import org.jspecify.annotations.NullMarked;
