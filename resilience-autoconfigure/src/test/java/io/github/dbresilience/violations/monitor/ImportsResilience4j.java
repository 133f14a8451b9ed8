// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.violations.monitor;

import io.github.resilience4j.circuitbreaker.CircuitBreaker;

/**
 * Breaks the rule that only {@code circuitbreaker} knows Resilience4j.
 */
class ImportsResilience4j {

	CircuitBreaker breaker() {
		return CircuitBreaker.ofDefaults("monitor");
	}

}
