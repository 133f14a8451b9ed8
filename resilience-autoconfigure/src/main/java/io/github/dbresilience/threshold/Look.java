// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.threshold;

import java.time.Duration;
import java.util.function.Function;

import io.github.dbresilience.monitor.Sample;
import io.github.dbresilience.monitor.ServerSnapshot;
import io.github.dbresilience.monitor.Snapshot;
import org.jspecify.annotations.Nullable;

/**
 * One look at a data source: what is known now and how counts have grown.
 *
 * @param snapshot what is known
 * @param history how counts have grown
 */
record Look(Snapshot snapshot, History history) {

	long growth(ThresholdKind kind, long count, Duration within) {
		return this.history.growth(kind, count, within, this.snapshot.at());
	}

	/** The last full look at the server that serves. */
	@Nullable Sample sample() {
		ServerSnapshot serving = this.snapshot.serving();
		return (serving != null) ? serving.sample() : null;
	}

	/**
	 * The worst reading over the servers that answer; the last look at one that does not
	 * is old.
	 */
	@Nullable Reading worst(Function<Sample, @Nullable Reading> reading) {
		Reading worst = null;
		for (ServerSnapshot server : this.snapshot.servers()) {
			Sample sample = (server.latency() != null) ? server.sample() : null;
			Reading found = (sample != null) ? reading.apply(sample) : null;
			if (found != null && (worst == null || found.value() > worst.value())) {
				boolean single = this.snapshot.servers().size() == 1;
				worst = (single || !found.detail().isEmpty()) ? found : found.detail("at " + server.address());
			}
		}
		return worst;
	}

}
