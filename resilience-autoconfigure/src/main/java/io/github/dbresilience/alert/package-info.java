// SPDX-License-Identifier: Apache-2.0
/**
 * Tells people and machines what is the matter: alert events, who listens to them, and
 * the sinks that carry them out of the application.
 */
@NullMarked
package io.github.dbresilience.alert;

import org.jspecify.annotations.NullMarked;
