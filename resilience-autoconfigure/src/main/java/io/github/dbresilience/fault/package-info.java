// SPDX-License-Identifier: Apache-2.0
/**
 * What an {@link java.sql.SQLException} means: a fault, its verdict, and what follows for
 * the circuit breaker and the pool.
 */
@NullMarked
package io.github.dbresilience.fault;

import org.jspecify.annotations.NullMarked;
