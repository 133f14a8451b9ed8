// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.monitor;

import java.sql.SQLException;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Map;

import io.github.dbresilience.fault.FaultClassifier;
import io.github.dbresilience.fault.Phase;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Collects why readings of a server are missing, and says each reason in the log once.
 * Used by one thread.
 */
final class MissingReadings {

	private static final Logger logger = LoggerFactory.getLogger(MissingReadings.class);

	private static final int MAX_LENGTH = 250;

	private final String server;

	private final Map<Reading, String> said = new EnumMap<>(Reading.class);

	private Map<String, String> current = new LinkedHashMap<>();

	MissingReadings(String server) {
		this.server = server;
	}

	/**
	 * A right is missing that comes with {@code pg_monitor}.
	 * @param reading what cannot be read
	 * @param what what the role does not see or may not do
	 * @param role the role that lacks the right, quoted where needed
	 */
	void ungranted(Reading reading, String what, String role) {
		failed(reading, what + "; grant pg_monitor to " + role);
	}

	/**
	 * A reading failed.
	 * @param reading what was not read
	 * @param failure the answer of the server
	 * @param role the role that asked
	 */
	void failed(Reading reading, SQLException failure, String role) {
		String answer = FaultClassifier.classify(failure, Phase.AUTOCOMMIT).describe();
		switch (String.valueOf(failure.getSQLState())) {
			case "57014" -> failed(reading, "it took too long and was cancelled");
			case "42501" -> failed(reading, answer + "; grant that right to " + role);
			default -> failed(reading, "the server refuses it, " + answer);
		}
	}

	/**
	 * A reading failed.
	 * @param reading what was not read
	 * @param why why
	 */
	void failed(Reading reading, String why) {
		String reason = (why.length() > MAX_LENGTH) ? why.substring(0, MAX_LENGTH) + "…" : why;
		this.current.put(reading.key(), reason);
		if (!reason.equals(this.said.put(reading, reason))) {
			logger.info("{} - monitored without {}: {}", this.server, reading.key(), reason);
		}
	}

	/**
	 * Why a reading is missing.
	 * @param reading a reading that was not taken
	 * @return the reason, empty if it is not missing
	 */
	String reason(Reading reading) {
		return this.current.getOrDefault(reading.key(), "");
	}

	/**
	 * What was collected since the last call.
	 * @return reasons by the name of the reading
	 */
	Map<String, String> take() {
		Map<String, String> taken = Map.copyOf(this.current);
		this.current = new LinkedHashMap<>();
		return taken;
	}

}
