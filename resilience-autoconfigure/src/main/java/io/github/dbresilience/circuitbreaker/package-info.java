// SPDX-License-Identifier: Apache-2.0
/**
 * Circuit breakers of data sources and of named operations. The only package that knows
 * Resilience4j and Spring Cloud CircuitBreaker.
 */
@NullMarked
package io.github.dbresilience.circuitbreaker;

import org.jspecify.annotations.NullMarked;
