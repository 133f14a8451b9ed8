// SPDX-License-Identifier: Apache-2.0
/**
 * The actuator endpoint {@code dbresilience}: state, and control where access is granted.
 */
@NullMarked
package io.github.dbresilience.endpoint;

import org.jspecify.annotations.NullMarked;
