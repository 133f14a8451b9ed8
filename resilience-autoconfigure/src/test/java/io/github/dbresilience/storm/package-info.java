// SPDX-License-Identifier: Apache-2.0
/**
 * Many callers at once while transactions conflict or the database is away: what reaches
 * the server, and how long callers wait.
 */
@NullMarked
package io.github.dbresilience.storm;

import org.jspecify.annotations.NullMarked;
