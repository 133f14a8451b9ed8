// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.chaos;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicReference;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

/**
 * Does faults, one after the other, in an order and at times that its generator draws.
 */
final class Nemesis {

	private static final Log logger = LogFactory.getLog(Nemesis.class);

	private final List<Disturbance> disturbances = new ArrayList<>();

	private final RunClock clock;

	private final Random random;

	Nemesis(RunClock clock, Random random) {
		this.clock = clock;
		this.random = random;
	}

	/**
	 * Does faults for a while, each of them before any a second time.
	 * @param faults what to draw from
	 * @param duration when no new one is begun
	 * @throws Exception if one cannot be done
	 */
	void rage(List<Fault> faults, Duration duration) throws Exception {
		Duration end = this.clock.now().plus(duration);
		List<Fault> left = new ArrayList<>();
		while (this.clock.now().compareTo(end) < 0) {
			if (left.isEmpty()) {
				left.addAll(faults);
			}
			Pause.between(50, 600, this.random);
			inflict(left.remove(this.random.nextInt(left.size())));
		}
	}

	/**
	 * Does one fault again and again.
	 * @param fault what to do
	 * @param times how often
	 * @throws Exception if it cannot be done
	 */
	void repeat(Fault fault, int times) throws Exception {
		for (int i = 0; i < times; i++) {
			inflict(fault);
		}
	}

	/**
	 * Does one fault.
	 * @param fault what to do
	 * @throws Exception if it cannot be done
	 */
	void inflict(Fault fault) throws Exception {
		AtomicReference<Duration> from = new AtomicReference<>(this.clock.now());
		fault.deed().inflict(this.random, () -> from.set(this.clock.now()));
		Disturbance done = new Disturbance(fault.name(), from.get(), this.clock.now());
		this.disturbances.add(done);
		logger.debug(done);
	}

	List<Disturbance> disturbances() {
		return List.copyOf(this.disturbances);
	}

}
