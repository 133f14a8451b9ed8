// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.threshold;

import java.time.Instant;

import io.github.dbresilience.monitor.Sample;
import org.jspecify.annotations.Nullable;

/**
 * Reads what the slow look at servers tells.
 */
final class ServerReadings {

	/** Half of the 32-bit transaction ids: older rows would be in the future. */
	private static final double TRANSACTION_IDS = Math.pow(2, 31);

	private ServerReadings() {
	}

	static @Nullable Reading queryLatency(Look look) {
		Sample sample = look.sample();
		return (sample != null) ? Reading.of(sample.queryLatency(), sample.at()) : null;
	}

	static @Nullable Reading lag(Look look) {
		return look.worst((sample) -> (sample.replication() != null)
				? bytes(sample.replication().lagBytes(), sample.at()) : null);
	}

	static @Nullable Reading slot(Look look) {
		return look.worst((sample) -> (sample.replication() != null)
				? bytes(sample.replication().slotBytes(), sample.at()) : null);
	}

	static @Nullable Reading archiveFailing(Look look) {
		Sample sample = look.sample();
		if (sample == null || sample.archive() == null) {
			return null;
		}
		return sample.archive().failing()
				? Reading.met(sample.at(), sample.archive().failures() + " failures since the statistics were reset")
				: Reading.notMet(sample.at());
	}

	static @Nullable Reading archiveBehind(Look look) {
		Sample sample = look.sample();
		if (sample == null || sample.archive() == null) {
			return null;
		}
		Reading reading = Reading.of(sample.archive().oldestWaiting(), sample.at());
		return (reading == null || sample.archive().waitingSegments() == null) ? reading
				: reading.detail(sample.archive().waitingSegments() + " segments wait");
	}

	static @Nullable Reading connections(Look look) {
		return look.worst((sample) -> (sample.sessions() == null || sample.sessions().limit() <= 0) ? null
				: Reading.of(100.0 * sample.sessions().open() / sample.sessions().limit(), sample.at())
					.detail(sample.sessions().open() + " of " + sample.sessions().limit()));
	}

	static @Nullable Reading idleInTransaction(Look look) {
		return look.worst((sample) -> (sample.sessions() != null)
				? Reading.of(sample.sessions().longestIdleInTransaction(), sample.at()) : null);
	}

	static @Nullable Reading longTransaction(Look look) {
		return look.worst((sample) -> (sample.sessions() != null)
				? Reading.of(sample.sessions().longestTransaction(), sample.at()) : null);
	}

	static @Nullable Reading wraparound(Look look) {
		return look.worst((sample) -> (sample.transactionIdAge() != null)
				? Reading.of(100.0 * sample.transactionIdAge() / TRANSACTION_IDS, sample.at()) : null);
	}

	private static @Nullable Reading bytes(@Nullable Long bytes, Instant at) {
		return (bytes != null) ? Reading.of(bytes, at) : null;
	}

}
