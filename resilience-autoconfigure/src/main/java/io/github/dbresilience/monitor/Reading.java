// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.monitor;

/**
 * What a sample reads. Each part can be missing by itself.
 */
enum Reading {

	QUERY_LATENCY("queryLatency"),

	SESSIONS("sessions"),

	/** Transactions of other roles. */
	SESSION_AGES("sessions.ages"),

	REPLICATION("replication"),

	/** How far standbys are behind. */
	REPLICATION_LAG("replication.lag"),

	ARCHIVE("archive"),

	/** Segments that wait to be archived. */
	ARCHIVE_WAITING("archive.waiting"),

	TRANSACTION_ID_AGE("transactionIdAge");

	private final String key;

	Reading(String key) {
		this.key = key;
	}

	/**
	 * Its name in {@link Sample#missing()}.
	 * @return the component of the sample, with the part of it after a dot
	 */
	String key() {
		return this.key;
	}

}
