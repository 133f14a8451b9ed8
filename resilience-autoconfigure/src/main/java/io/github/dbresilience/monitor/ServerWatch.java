// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.monitor;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;

import io.github.dbresilience.datasource.Protection;
import io.github.dbresilience.topology.ServerAddress;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Watches one server on a thread and a connection of its own. What was found last can be
 * read at any time. Thread-safe.
 */
final class ServerWatch {

	private static final Logger logger = LoggerFactory.getLogger(ServerWatch.class);

	/** Failing connects of the pool do not bring fresh connections closer than this. */
	private static final Duration RENEWAL_DISTANCE = Duration.ofSeconds(2);

	private final Protection protection;

	private final @Nullable ServerAddress address;

	private final Probe probe;

	private final Sampling sampling;

	private final Council council;

	private final Silence silence;

	private final Pacer pacer = new Pacer();

	private final Queue<CountDownLatch> asked = new ConcurrentLinkedQueue<>();

	private final AtomicBoolean freshWanted = new AtomicBoolean(true);

	private volatile @Nullable Thread thread;

	private volatile @Nullable ProbeResult last;

	private volatile @Nullable Sample sample;

	private volatile long renewedAt;

	private long sampledAt;

	ServerWatch(Protection protection, @Nullable ServerAddress address, Sampling sampling, Council council,
			Watchdog watchdog, Clock clock) {
		this.protection = protection;
		this.address = address;
		this.sampling = sampling;
		this.council = council;
		Duration timeout = protection.settings().monitor().probeTimeout();
		this.probe = new Probe(() -> open(timeout), protection.choice().identity(), watchdog, timeout, clock);
		this.silence = new Silence(() -> protection.breaker().statistics().successCount());
	}

	/**
	 * The watchdog bounds each question; the time-out of the socket is for samples.
	 */
	private Connection open(Duration timeout) throws SQLException {
		Connection connection = this.protection.unpooled().open(this.address, timeout, "monitor");
		connection.setNetworkTimeout(Runnable::run, (int) timeout.multipliedBy(2).toMillis());
		return connection;
	}

	/**
	 * The server's name.
	 * @return host and port, or the data source where they are not known
	 */
	String name() {
		return (this.address != null) ? this.address.toString() : this.protection.name();
	}

	@Nullable ServerAddress address() {
		return this.address;
	}

	@Nullable ProbeResult last() {
		return this.last;
	}

	@Nullable Sample sample() {
		return this.sample;
	}

	/**
	 * For how long the server has answered nobody, and whether what is under way can be
	 * given up. Only for the council, while it is told.
	 */
	Silence silence() {
		return this.silence;
	}

	boolean isRunning() {
		return this.thread != null;
	}

	void start() {
		if (isRunning()) {
			return;
		}
		Thread created = new Thread(this::watch, "db-resilience-" + name());
		created.setDaemon(true);
		this.thread = created;
		created.start();
	}

	void stop() {
		Thread running = this.thread;
		this.thread = null;
		if (running != null) {
			running.interrupt();
		}
	}

	/**
	 * Asks for a probe soon.
	 */
	void hint() {
		this.pacer.hint();
	}

	/**
	 * Asks for a probe soon that opens a fresh connection.
	 */
	void hintFresh() {
		this.freshWanted.set(true);
		this.pacer.hint();
	}

	/**
	 * Asks for a probe now, with a fresh connection.
	 * @return is at zero when a probe that began after this call has ended
	 */
	CountDownLatch probeSoon() {
		CountDownLatch done = new CountDownLatch(1);
		this.asked.add(done);
		this.renewedAt = System.nanoTime() - RENEWAL_DISTANCE.toNanos();
		hintFresh();
		return done;
	}

	private void watch() {
		try {
			while (this.thread == Thread.currentThread()) {
				probeOnce();
				this.pacer.pause(this.council.interval(this));
			}
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
		finally {
			this.probe.close();
		}
	}

	private void probeOnce() {
		List<CountDownLatch> waiting = List.copyOf(this.asked);
		try {
			long generation = this.protection.breaker().generation();
			long start = System.nanoTime();
			boolean renews = isRenewalDue(start);
			ProbeResult result = renews ? this.probe.renew() : this.probe.run();
			this.silence.noted(start, result);
			ProbeResult before = this.last;
			this.last = result;
			this.council.found(this, before, result, generation);
			if (isSampleDue(start)) {
				takeSample(start);
			}
		}
		catch (RuntimeException | Error ex) {
			// The watch goes on; health shows how old the last finding is
			logger.warn("{} - the probe of {} failed unexpectedly", this.protection.name(), name(), ex);
		}
		finally {
			waiting.forEach(CountDownLatch::countDown);
			this.asked.removeAll(waiting);
		}
	}

	private boolean isRenewalDue(long now) {
		long age = now - this.renewedAt;
		boolean wanted = this.freshWanted.get() && age >= RENEWAL_DISTANCE.toNanos();
		if (this.probe.connection() != null && !wanted
				&& age < this.protection.settings().monitor().sampleInterval().toNanos()) {
			return false;
		}
		this.freshWanted.set(false);
		this.renewedAt = now;
		return true;
	}

	/**
	 * A server that comes and goes is not asked for more than it would be otherwise.
	 */
	private boolean isSampleDue(long now) {
		return this.sample == null
				|| now - this.sampledAt >= this.protection.settings().monitor().sampleInterval().toNanos();
	}

	private void takeSample(long now) {
		Connection connection = this.probe.connection();
		if (connection == null) {
			return;
		}
		this.sampledAt = now;
		try {
			this.sample = this.sampling.take(connection, this.probe.connectLatency());
		}
		catch (SQLException ex) {
			// The next probe finds out what is the matter
			this.probe.close();
			this.pacer.hint();
		}
	}

	/**
	 * Makes of what is found on each server what is to be done.
	 */
	interface Council {

		/**
		 * Takes a finding, on the thread of the watch.
		 * @param watch of which server
		 * @param before what was found before, {@code null} the first time
		 * @param now what was found
		 * @param generation of the circuit breaker when the probe began
		 */
		void found(ServerWatch watch, @Nullable ProbeResult before, ProbeResult now, long generation);

		/**
		 * The time to the next probe.
		 */
		Duration interval(ServerWatch watch);

	}

	/**
	 * Takes samples.
	 */
	@FunctionalInterface
	interface Sampling {

		/**
		 * Takes a sample.
		 * @param connection to the server
		 * @param connectLatency how long it took to open it, {@code null} if not known
		 * @return the sample
		 * @throws SQLException if the connection broke
		 */
		Sample take(Connection connection, @Nullable Duration connectLatency) throws SQLException;

	}

}
