// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.monitor;

import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

import io.github.dbresilience.datasource.PooledSession;
import io.github.dbresilience.datasource.Protection;
import io.github.dbresilience.monitor.MonitorEvent.Kind;
import io.github.dbresilience.topology.ServerAddress;
import io.github.dbresilience.topology.ServerIdentity;
import io.github.dbresilience.topology.ServerRole;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What is done with the pool of a data source when a server dies, hangs or changes its
 * role. Called by the judge, one call at a time.
 */
final class Remedies {

	private static final Logger logger = LoggerFactory.getLogger(Remedies.class);

	/** A pool that met a standby is not replaced more often than this. */
	private static final long DOUBT_DISTANCE_NANOS = TimeUnit.SECONDS.toNanos(1);

	private final Protection protection;

	private final Reporter reporter;

	private volatile boolean roleDoubted;

	private volatile long recycledAt = System.nanoTime() - DOUBT_DISTANCE_NANOS;

	private @Nullable ServerWatch primary;

	private @Nullable ServerIdentity fenced;

	Remedies(Protection protection, Reporter reporter) {
		this.protection = protection;
		this.reporter = reporter;
	}

	/**
	 * A write met a read-only server.
	 * @return whether a probe should look now
	 */
	boolean doubtRole() {
		if (System.nanoTime() - this.recycledAt < DOUBT_DISTANCE_NANOS) {
			return false;
		}
		this.roleDoubted = true;
		return true;
	}

	/**
	 * A server told who it is.
	 */
	void identified(ServerWatch watch, @Nullable ServerIdentity before, ServerIdentity now, boolean primaryNeeded) {
		boolean led = this.primary != null;
		if (now.role() == ServerRole.STANDBY && primaryNeeded && (!led || this.primary == watch)) {
			boolean demoted = before != null && before.isPrimary();
			if (demoted || (this.roleDoubted && System.nanoTime() - this.recycledAt >= DOUBT_DISTANCE_NANOS)) {
				recycle(watch.name() + " is a standby now");
			}
		}
		if (!led && primaryNeeded && now.isPrimary() && before != null && !before.isPrimary()) {
			recycle(watch.name() + " is the primary now");
		}
		if (before != null && isReplaced(before, now)) {
			abort(watch, (session) -> before.equals(session.identity()),
					"ended, as another server has taken the place of the one that it was connected to");
		}
		if (this.protection.choice().fence().isStale(now) && !now.equals(this.fenced)) {
			this.fenced = now;
			fence(watch, now);
		}
	}

	/**
	 * Another primary of the same cluster answers at the same address, without a
	 * promotion: the one before is gone, though its connections may not know yet.
	 */
	private static boolean isReplaced(ServerIdentity before, ServerIdentity now) {
		return before.isPrimary() && now.isPrimary() && now.systemIdentifier() != null
				&& now.systemIdentifier().equals(before.systemIdentifier()) && now.timeline() == before.timeline()
				&& !now.startedAt().equals(before.startedAt());
	}

	private void fence(ServerWatch watch, ServerIdentity stale) {
		String message = String.format(Locale.ROOT,
				"%s calls itself primary on timeline %d, but timeline %d was seen: nothing is written to it",
				watch.name(), stale.timeline(), this.protection.choice().fence().known(stale.systemIdentifier()));
		logger.error("{} - split brain: {}", name(), message);
		this.reporter.report(Kind.FENCED, message);
		abort(watch, (session) -> session.server().equals(watch.address()), "ended, as " + message);
	}

	/**
	 * A server has answered nobody for too long.
	 */
	void giveUp(ServerWatch watch, Duration silence) {
		ServerAddress address = watch.address();
		abort(watch, (session) -> address == null || session.server().equals(address),
				String.format(Locale.ROOT, "ended by the monitor, as %s has answered nobody for %.1f s", watch.name(),
						silence.toMillis() / 1000.0));
	}

	private void abort(ServerWatch watch, Predicate<PooledSession> which, String why) {
		int count = this.protection.abort(which, why);
		if (count > 0) {
			this.protection.recycle();
			logger.warn("{} - {} connections to {} were {}", name(), count, watch.name(), why);
			this.reporter.report(Kind.ABORTED, count + " connections were " + why);
		}
	}

	/**
	 * Leads the pool to the primary.
	 * @param found the primary, {@code null} if none is known
	 */
	void lead(@Nullable ServerWatch found) {
		this.protection.choice().prefer((found != null) ? found.address() : null);
		if (found == null || found.equals(this.primary)) {
			return;
		}
		if (this.primary != null) {
			recycle("the primary is " + found.name() + " now, it was " + this.primary.name());
		}
		this.primary = found;
	}

	private void recycle(String why) {
		this.roleDoubted = false;
		this.recycledAt = System.nanoTime();
		this.protection.recycle();
		logger.warn("{} - the connections of the pool are replaced, as {}", name(), why);
		this.reporter.report(Kind.RECYCLED, why);
	}

	private String name() {
		return this.protection.name();
	}

	/**
	 * Is told what was done.
	 */
	@FunctionalInterface
	interface Reporter {

		void report(Kind kind, String message);

	}

}
