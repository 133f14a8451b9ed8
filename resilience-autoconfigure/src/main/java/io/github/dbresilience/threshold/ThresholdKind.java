// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.threshold;

import java.time.Duration;
import java.util.Locale;
import java.util.function.Function;

import org.jspecify.annotations.Nullable;

import static io.github.dbresilience.threshold.ThresholdUnit.CONDITION;
import static io.github.dbresilience.threshold.ThresholdUnit.COUNT;
import static io.github.dbresilience.threshold.ThresholdUnit.DURATION;
import static io.github.dbresilience.threshold.ThresholdUnit.PERCENT;
import static io.github.dbresilience.threshold.ThresholdUnit.SIZE;

/**
 * The table of thresholds. A limit is passed by what is greater. Where nothing was read,
 * or it does not apply, no threshold is passed.
 */
public enum ThresholdKind {

	/** The database does not serve: down, unreachable, starting up, refusing. */
	DATABASE_UNREACHABLE(CONDITION, "off", "on", "10s", "The database does not serve: %2$s",
			DatabaseReadings::unreachable),

	/** A primary is needed and none is there. */
	READ_ONLY(CONDITION, "off", "on", "30s", "There is no primary that takes writes: %2$s", DatabaseReadings::readOnly),

	/** A server calls itself primary on a timeline that was left: split brain. */
	STALE_PRIMARY(CONDITION, "off", "on", "0s",
			"A server that was replaced still calls itself primary, and loses what "
					+ "is written to it; it is kept from this application: %2$s",
			DatabaseReadings::stalePrimary),

	/** Established sessions are served, new ones are not. */
	NO_NEW_CONNECTIONS(CONDITION, "on", "off", "30s", "The server takes no new connections: %2$s",
			DatabaseReadings::noNewConnections),

	/** The share of idle connections while more than the minimum are open. */
	POOL_IDLE(PERCENT, "80%", "off", "15m", "%1$s of the pool's connections are idle (%2$s): it is larger than needed",
			DatabaseReadings::idleShare),

	/** The pool should keep connections and has none, while the database serves. */
	POOL_CONNECTIONS(CONDITION, "off", "on", "1m", "The pool has no connection while the database serves: %2$s",
			DatabaseReadings::noConnections),

	/** The longest wait for a connection of the pool in about ten seconds. */
	CONNECTION_WAIT(DURATION, "500ms", "1s", "30s", "Callers wait %1$s for a connection of the pool",
			DatabaseReadings::connectionWait),

	/** Callers wait in vain while the database serves. */
	POOL_EXHAUSTED(CONDITION, "off", "on", "10s", "The pool is exhausted: %2$s", DatabaseReadings::poolExhausted),

	/** The round trip of the probe. */
	PING_LATENCY(DURATION, "500ms", "1s", "30s", "A ping of the server takes %1$s", DatabaseReadings::pingLatency),

	/** A small query on the catalog. */
	QUERY_LATENCY(DURATION, "1s", "3s", "45s", "A small query on the server's catalog takes %1$s",
			ServerReadings::queryLatency),

	/** WAL that the furthest standby has not replayed. */
	REPLICATION_LAG(SIZE, "100MB", "1GB", "1m", "A standby is %1$s of WAL behind", ServerReadings::lag),

	/** WAL that a replication slot holds back. */
	REPLICATION_SLOT(SIZE, "10GB", "off", "1m",
			"A replication slot holds back %1$s of WAL: the disk of the server may become full", ServerReadings::slot),

	/** The last attempt to archive WAL failed. */
	ARCHIVE_FAILING(CONDITION, "off", "on", "5m", "The archiving of WAL fails: %2$s", ServerReadings::archiveFailing),

	/** For how long the oldest segment of WAL waits to be archived. */
	ARCHIVE_BEHIND(DURATION, "5m", "30m", "1m", "The oldest segment of WAL has waited for %1$s to be archived",
			ServerReadings::archiveBehind),

	/** The sessions of the server, of all that an ordinary role may have. */
	CONNECTIONS(PERCENT, "75%", "90%", "1m", "%1$s of the server's connections are taken", ServerReadings::connections),

	/** The session that has been idle in a transaction for longest. */
	IDLE_IN_TRANSACTION(DURATION, "5m", "15m", "0s",
			"A session has been idle in a transaction for %1$s: it holds locks and keeps vacuum from its work",
			ServerReadings::idleInTransaction),

	/** The oldest transaction. */
	LONG_TRANSACTION(DURATION, "1h", "off", "0s",
			"A transaction has been running for %1$s: it keeps vacuum from its work", ServerReadings::longTransaction),

	/** The oldest transaction id that is not frozen, of all there are. */
	WRAPAROUND(PERCENT, "50%", "75%", "0s",
			"%1$s of the transaction ids are used up, and the server stops taking writes near 100 %%: have vacuum freeze "
					+ "old rows",
			ServerReadings::wraparound),

	/** The circuit breaker is not closed. */
	CIRCUIT_BREAKER_OPEN(CONDITION, "off", "on", "1m", "The circuit breaker is not closed: %2$s",
			DatabaseReadings::breakerOpen),

	/** Commits should carry a token and do not. */
	COMMIT_TOKENS(CONDITION, "on", "off", "5m", "Commits carry no token, so that a lost COMMIT ends as 'unknown': %2$s",
			DatabaseReadings::tokensOff),

	/** Lost COMMITs of the last five minutes whose outcome nobody could tell. */
	COMMITS_UNKNOWN(COUNT, "0", "off", "0s",
			"The outcome of %1$s lost COMMITs could not be found out in the last five minutes",
			DatabaseReadings::commitsUnknown),

	/** Commits of the last five minutes that a failover may lose. */
	COMMITS_UNREPLICATED(COUNT, "0", "off", "0s",
			"%1$s commits in the last five minutes did not wait for their standby: a failover may lose them",
			DatabaseReadings::commitsUnreplicated),

	/** The newest backup of the database whose newest backup is the oldest. */
	BACKUP_AGE(DURATION, "26h", "50h", "0s", "The newest backup is %1$s old", BackupReadings::age),

	/** The newest run of some kind failed. */
	BACKUP_FAILED(CONDITION, "off", "on", "0s", "A backup, or its check, failed: %2$s", BackupReadings::failed),

	/**
	 * The age of the file that the backup scripts write; one that cannot be used is too
	 * old.
	 */
	BACKUP_STATUS(DURATION, "26h", "off", "1m", "The status file of the backups was not written for %1$s",
			BackupReadings::status),

	/**
	 * What would be lost by the archive and the stream of WAL, or was at the last drill.
	 */
	RECOVERY_POINT(DURATION, "off", "off", "0s", "A recovery would lose %1$s of work", BackupReadings::recoveryPoint),

	/** The time to restore, as measured and as predicted of the newest backup. */
	RECOVERY_TIME(DURATION, "off", "off", "0s", "A recovery takes %1$s", BackupReadings::recoveryTime);

	static final Duration RESOLVE_AFTER = Duration.ofMinutes(1);

	private final ThresholdUnit unit;

	private final String warning;

	private final String critical;

	private final String forAtLeast;

	private final String sentence;

	private final Function<Look, @Nullable Reading> reader;

	ThresholdKind(ThresholdUnit unit, String warning, String critical, String forAtLeast, String sentence,
			Function<Look, @Nullable Reading> reader) {
		this.unit = unit;
		this.warning = warning;
		this.critical = critical;
		this.forAtLeast = forAtLeast;
		this.sentence = sentence;
		this.reader = reader;
	}

	/**
	 * The name in properties and alerts.
	 * @return for example {@code ping-latency}
	 */
	public String id() {
		return name().toLowerCase(Locale.ROOT).replace('_', '-');
	}

	/**
	 * What it is measured in.
	 * @return the unit of its limits
	 */
	public ThresholdUnit unit() {
		return this.unit;
	}

	/**
	 * The default of the limit of a warning.
	 * @return a limit as a property has it, or {@code off}
	 */
	public String warning() {
		return this.warning;
	}

	/**
	 * The default of the limit that is critical.
	 * @return a limit as a property has it, or {@code off}
	 */
	public String critical() {
		return this.critical;
	}

	/**
	 * The default of how long the limit has to be passed without a break.
	 * @return a duration as a property has it
	 */
	public String forAtLeast() {
		return this.forAtLeast;
	}

	@Nullable Reading read(Look look) {
		return this.reader.apply(look);
	}

	/**
	 * What was read, in one sentence.
	 */
	String summary(Reading reading) {
		if (Double.isInfinite(reading.value())) {
			return "The status file of the backups cannot be used: " + reading.detail();
		}
		String text = String.format(Locale.ROOT, this.sentence, this.unit.tell(reading.value()), reading.detail());
		boolean detailed = reading.detail().isEmpty() || this.sentence.contains("%2$s");
		String whole = detailed ? text : text + " (" + reading.detail() + ")";
		return whole.endsWith(": ") ? whole.substring(0, whole.length() - 2) : whole;
	}

}
