// SPDX-License-Identifier: Apache-2.0
/**
 * The data path: a data source that waits out outages, a connection that knows its phase,
 * and the fault tap in the pool.
 */
@NullMarked
package io.github.dbresilience.datasource;

import org.jspecify.annotations.NullMarked;
