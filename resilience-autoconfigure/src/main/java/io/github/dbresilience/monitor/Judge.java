// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.monitor;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import io.github.dbresilience.circuitbreaker.CircuitBreakerState;
import io.github.dbresilience.datasource.Protection;
import io.github.dbresilience.fault.Fault;
import io.github.dbresilience.fault.FaultKind;
import io.github.dbresilience.fault.Phase;
import io.github.dbresilience.fault.Verdict;
import io.github.dbresilience.monitor.MonitorEvent.Kind;
import io.github.dbresilience.topology.ServerIdentity;
import io.github.dbresilience.topology.ServerRole;
import org.jspecify.annotations.Nullable;

/**
 * Weighs what the watches of a data source find: is the database gone, is it back, which
 * server is the primary. Thread-safe.
 */
final class Judge {

	/** So many findings in a row are needed to call a server gone, or back. */
	private static final int CONFIRMATIONS = 2;

	private final Protection protection;

	private final Remedies remedies;

	private final Map<ServerWatch, Record> records = new HashMap<>();

	private List<ServerWatch> watches = List.of();

	private @Nullable ServerRole wanted;

	private @Nullable ServerRole roleWhenWell;

	private long judgedGeneration;

	Judge(Protection protection, Remedies.Reporter reporter) {
		this.protection = protection;
		this.remedies = new Remedies(protection, reporter);
	}

	synchronized void watching(List<ServerWatch> watched) {
		this.watches = watched;
		this.records.clear();
		watched.forEach((watch) -> this.records.put(watch, new Record()));
		this.wanted = this.protection.unpooled().wantedRole();
	}

	/**
	 * A write met a read-only server.
	 * @return whether that is news
	 */
	boolean doubtRole() {
		return this.remedies.doubtRole();
	}

	synchronized void found(ServerWatch watch, @Nullable ProbeResult before, ProbeResult now, long generation) {
		Record record = this.records.get(watch);
		if (record == null) {
			return;
		}
		// First, so that whoever loses a connection to the old primary finds the new one
		lead();
		if (now.identity() != null) {
			this.protection.choice().fence().saw(now.identity());
			this.remedies.identified(watch, (before != null) ? record.identity : null, now.identity(),
					isPrimaryNeeded());
			record.identity = now.identity();
		}
		if (this.watches.size() == 1 && now.role() == ServerRole.STANDBY && isPrimaryNeeded()) {
			// Behind a name or an address that moves, the primary may be elsewhere
			watch.hintFresh();
		}
		boolean givenUp = giveUpIfSilent(watch);
		if (isEvidence(generation)) {
			boolean usable = isUsable(now);
			record.good = usable ? record.good + 1 : 0;
			record.bad = usable ? 0 : Math.max(record.bad + 1, givenUp ? CONFIRMATIONS : 0);
			verdict(watch, usable, generation);
		}
	}

	/**
	 * What was found before a change of the breaker's state is no evidence after it.
	 */
	private boolean isEvidence(long generation) {
		if (generation != this.protection.breaker().generation()) {
			return false;
		}
		if (generation != this.judgedGeneration) {
			this.judgedGeneration = generation;
			this.records.values().forEach(Record::forget);
		}
		return true;
	}

	private boolean giveUpIfSilent(ServerWatch watch) {
		Duration limit = this.protection.settings().monitor().abortHung();
		long now = System.nanoTime();
		if (limit.isZero() || !watch.silence().isOver(now, limit.multipliedBy(9).dividedBy(10))) {
			return false;
		}
		this.remedies.giveUp(watch, watch.silence().length(now));
		return true;
	}

	private void lead() {
		if (this.watches.size() > 1 && this.wanted == ServerRole.PRIMARY) {
			ServerWatch best = null;
			for (ServerWatch watch : this.watches) {
				if (isValidPrimary(watch) && (best == null || timeline(watch) > timeline(best))) {
					best = watch;
				}
			}
			this.remedies.lead(best);
		}
	}

	private static int timeline(ServerWatch watch) {
		ProbeResult last = watch.last();
		return (last != null && last.identity() != null) ? last.identity().timeline() : 0;
	}

	private void verdict(ServerWatch watch, boolean usable, long generation) {
		if (isWell()) {
			ServerRole role = (watch.last() != null) ? watch.last().role() : null;
			if (usable && this.roleWhenWell != ServerRole.PRIMARY) {
				this.roleWhenWell = role;
			}
			Fault outage = outage();
			if (outage != null) {
				this.protection.breaker().databaseIsGone(outage);
			}
		}
		else if (this.watches.stream().anyMatch((one) -> record(one).good >= CONFIRMATIONS)) {
			this.protection.breaker().databaseIsBack(generation);
		}
	}

	/**
	 * Why the database is gone: no server is usable, and at least one of them is away.
	 */
	private @Nullable Fault outage() {
		Fault worst = null;
		for (ServerWatch watch : this.watches) {
			if (record(watch).bad < CONFIRMATIONS) {
				return null;
			}
			Fault fault = faultOf(watch);
			if (fault != null && (worst == null || !worst.countsForBreaker())) {
				worst = fault;
			}
		}
		return (worst != null && worst.countsForBreaker()) ? worst : null;
	}

	private @Nullable Fault faultOf(ServerWatch watch) {
		ProbeResult last = watch.last();
		if (last == null || last.fault() != null) {
			return (last != null) ? last.fault() : null;
		}
		if (isStale(last.identity())) {
			return unusable(watch.name() + " was left behind by a promotion");
		}
		return (this.wanted == ServerRole.PRIMARY) ? unusable(watch.name() + " is a standby, and a primary is needed")
				: null;
	}

	private static Fault unusable(String why) {
		return new Fault(FaultKind.CONNECT_FAILED, Phase.ACQUISITION, Verdict.RETRY, "08001", why);
	}

	/**
	 * Whether a server can do what the data source needs.
	 */
	synchronized boolean isUsable(ProbeResult result) {
		return result.isAlive() && isRoleNeeded(result.role()) && !isStale(result.identity());
	}

	/**
	 * A server that was never more than a standby while all was well may be one again.
	 */
	private boolean isRoleNeeded(@Nullable ServerRole role) {
		if (this.wanted == ServerRole.PRIMARY) {
			return role == ServerRole.PRIMARY;
		}
		return role == ServerRole.PRIMARY || isWell() || this.roleWhenWell == ServerRole.STANDBY;
	}

	/**
	 * Whether a standby does not do: by the URL, or as there was a primary before.
	 */
	synchronized boolean isPrimaryNeeded() {
		return this.wanted == ServerRole.PRIMARY || this.roleWhenWell == ServerRole.PRIMARY;
	}

	boolean isStale(@Nullable ServerIdentity identity) {
		return identity != null && this.protection.choice().fence().isStale(identity);
	}

	boolean isValidPrimary(ServerWatch watch) {
		ProbeResult last = watch.last();
		return last != null && last.role() == ServerRole.PRIMARY && !isStale(last.identity());
	}

	private boolean isWell() {
		return this.protection.breaker().state() == CircuitBreakerState.CLOSED;
	}

	/**
	 * The identity that a server told last, even if it does not answer now.
	 */
	synchronized @Nullable ServerIdentity identity(ServerWatch watch) {
		return record(watch).identity;
	}

	private Record record(ServerWatch watch) {
		Record known = this.records.get(watch);
		return (known != null) ? known : new Record();
	}

	synchronized Urgency urgency(ServerWatch watch) {
		Record record = record(watch);
		if (!isWell()) {
			return (record.good > 0) ? Urgency.CONFIRMING : Urgency.OUTAGE;
		}
		if (this.watches.stream().anyMatch((one) -> record(one).good > 0)) {
			return Urgency.WELL;
		}
		return (record.bad < CONFIRMATIONS) ? Urgency.CONFIRMING : Urgency.OUTAGE;
	}

	/** How soon a server is asked again. */
	enum Urgency {

		/** All is well. */
		WELL,

		/** No server is usable. */
		OUTAGE,

		/** A server has gone or come back, as it seems. */
		CONFIRMING

	}

	private static final class Record {

		private @Nullable ServerIdentity identity;

		private int good;

		private int bad;

		void forget() {
			this.good = 0;
			this.bad = 0;
		}

	}

}
