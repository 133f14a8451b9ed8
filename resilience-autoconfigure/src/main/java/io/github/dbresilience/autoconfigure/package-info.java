// SPDX-License-Identifier: Apache-2.0
/**
 * Auto-configurations, properties and failure analyzers; nothing else imports this
 * package.
 */
@NullMarked
package io.github.dbresilience.autoconfigure;

import org.jspecify.annotations.NullMarked;
