// SPDX-License-Identifier: Apache-2.0
/**
 * What the API accepts as JSON, as an amount of money and as text.
 */
@NullMarked
package io.github.dbresilience.sample.input;

import org.jspecify.annotations.NullMarked;
