// SPDX-License-Identifier: Apache-2.0
/**
 * Watches each database on a thread and an unpooled connection of its own, and ends an
 * outage for its circuit breaker.
 */
@NullMarked
package io.github.dbresilience.monitor;

import org.jspecify.annotations.NullMarked;
