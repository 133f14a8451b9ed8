// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.monitor;

import java.sql.Connection;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;

import org.jspecify.annotations.Nullable;

/**
 * Placeholder for the merge.
 */
final class Sampler implements ServerWatch.Sampling {

	@Override
	public Sample take(Connection connection, @Nullable Duration connectLatency) {
		return new Sample(Instant.now(), connectLatency, null, null, null, null, null, Map.of());
	}

}
