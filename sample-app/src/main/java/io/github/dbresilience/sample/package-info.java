// SPDX-License-Identifier: Apache-2.0
/**
 * The sample application's entry point and the embedded server that it starts with.
 */
@NullMarked
package io.github.dbresilience.sample;

import org.jspecify.annotations.NullMarked;
