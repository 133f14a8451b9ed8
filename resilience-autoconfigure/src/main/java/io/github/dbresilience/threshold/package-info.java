// SPDX-License-Identifier: Apache-2.0
/**
 * Holds what the monitor found against limits, and raises and resolves alerts.
 */
@NullMarked
package io.github.dbresilience.threshold;

import org.jspecify.annotations.NullMarked;
