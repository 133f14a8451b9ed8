// SPDX-License-Identifier: Apache-2.0
/**
 * Which PostgreSQL is used: a server named by the environment, or an embedded one.
 */
@NullMarked
package io.github.dbresilience.sample.database;

import org.jspecify.annotations.NullMarked;
