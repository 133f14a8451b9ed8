// SPDX-License-Identifier: Apache-2.0
/**
 * What the application itself does when its database goes away and comes back.
 */
@NullMarked
package io.github.dbresilience.sample.outage;

import org.jspecify.annotations.NullMarked;
