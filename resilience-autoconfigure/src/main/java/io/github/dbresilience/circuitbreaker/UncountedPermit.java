// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.circuitbreaker;

import io.github.dbresilience.fault.Fault;

/**
 * The permit of a disabled circuit breaker.
 */
enum UncountedPermit implements Permit {

	INSTANCE;

	@Override
	public void succeeded() {
	}

	@Override
	public void failed(Fault fault) {
	}

	@Override
	public void abandoned() {
	}

	@Override
	public boolean isTrial() {
		return false;
	}

}
