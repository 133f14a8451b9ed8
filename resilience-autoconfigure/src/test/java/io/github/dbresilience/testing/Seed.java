// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.testing;

import java.util.Random;
import java.util.concurrent.ThreadLocalRandom;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

/**
 * What a random test begins with, so that a failure can be repeated: a random number, or
 * that of the system property {@code db.resilience.test.seed}. It is logged.
 *
 * @param value the number
 */
public record Seed(long value) {

	private static final Log logger = LogFactory.getLog(Seed.class);

	private static final String PROPERTY = "db.resilience.test.seed";

	/**
	 * Takes a seed for a test and logs how to repeat it.
	 * @return the seed
	 */
	public static Seed take() {
		Long fixed = Long.getLong(PROPERTY);
		Seed seed = new Seed((fixed != null) ? fixed : ThreadLocalRandom.current().nextLong(1_000_000_000));
		logger.info(seed);
		return seed;
	}

	/**
	 * Makes a generator.
	 * @return a new generator, which gives the same numbers for the same seed
	 */
	public Random random() {
		return new Random(this.value);
	}

	/**
	 * Makes a generator for one of several threads or purposes.
	 * @param index which one
	 * @return a new generator, different for each index
	 */
	public Random random(int index) {
		return new Random(this.value * 31 + index);
	}

	@Override
	public String toString() {
		return "seed " + this.value + ", replay with -D" + PROPERTY + "=" + this.value;
	}

}
