// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.violations.monitor;

import org.springframework.cloud.client.circuitbreaker.CircuitBreakerFactory;

/**
 * Breaks the rule that only {@code circuitbreaker} knows Spring Cloud.
 */
class ImportsSpringCloud {

	Object create(CircuitBreakerFactory<?, ?> factory) {
		return factory.create("monitor");
	}

}
