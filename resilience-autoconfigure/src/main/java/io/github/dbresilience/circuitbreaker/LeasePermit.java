// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.circuitbreaker;

import java.util.concurrent.atomic.AtomicBoolean;

import io.github.dbresilience.fault.Fault;

/**
 * The permit of one lease, with the generation of the breaker that gave it.
 */
final class LeasePermit implements Permit {

	private final DataSourceCircuitBreaker breaker;

	private final long generation;

	private final boolean trial;

	private final long start;

	private final AtomicBoolean told = new AtomicBoolean();

	LeasePermit(DataSourceCircuitBreaker breaker, long generation, boolean trial, long start) {
		this.breaker = breaker;
		this.generation = generation;
		this.trial = trial;
		this.start = start;
	}

	long generation() {
		return this.generation;
	}

	long start() {
		return this.start;
	}

	@Override
	public boolean isTrial() {
		return this.trial;
	}

	@Override
	public void succeeded() {
		if (isFirst()) {
			this.breaker.succeeded(this);
		}
	}

	@Override
	public void failed(Fault fault) {
		if (isFirst()) {
			this.breaker.failed(this, fault);
		}
	}

	@Override
	public void abandoned() {
		if (isFirst()) {
			this.breaker.abandoned(this);
		}
	}

	private boolean isFirst() {
		return this.told.compareAndSet(false, true);
	}

}
