// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.monitor;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.lang.management.ThreadMXBean;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import javax.management.ObjectName;
import javax.sql.DataSource;

import com.zaxxer.hikari.HikariDataSource;
import io.github.dbresilience.autoconfigure.DbResilienceMetricsAutoConfiguration;
import io.github.dbresilience.datasource.Protection;
import io.github.dbresilience.testing.PostgresServer;
import io.github.dbresilience.threshold.ThresholdEngine;
import io.github.dbresilience.threshold.ThresholdWatch;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import org.springframework.beans.factory.support.BeanDefinitionRegistry;
import org.springframework.beans.factory.support.RootBeanDefinition;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What watching costs. An application at rest is also measured as a whole; there, waking
 * up a thread twice a second may cost many times what it then does, which the bare ping
 * beside it shows.
 */
class MonitorCostIT {

	/** By default there is at most one sample in it. */
	private static final Duration TIME = Duration.ofSeconds(Integer.getInteger("db.resilience.cost.seconds", 29));

	private static final int DATA_SOURCES = 20;

	private static PostgresServer server;

	@BeforeAll
	static void start() {
		server = PostgresServer.create();
	}

	@AfterAll
	static void stop() {
		server.close();
	}

	@Test
	void connectionsQueriesAndProcessorTimeAtRest() throws Exception {
		try (MonitoredApplication application = application(); BarePing ping = new BarePing()) {
			rest(TIME);
			long transactions = transactions();
			Map<String, Long> before = processorNanos();
			rest(TIME);
			Map<String, Long> spent = processorNanos();
			double perMinute = (transactions() - transactions) * 60.0 / TIME.toSeconds();
			long connections = number(
					"select count(*) from pg_stat_activity where application_name like '%monitor' or application_name like '%tokens'");
			spent.replaceAll((thread, nanos) -> nanos - before.getOrDefault(thread, 0L));
			long bare = spent.remove(BarePing.NAME);
			long all = spent.values().stream().mapToLong(Long::longValue).sum();
			System.out.printf(
					"at rest: %d connection, about %.0f transactions a minute, %.2f %% of a core; a bare ping as often: %.2f %%%n",
					connections, perMinute, 100.0 * all / TIME.toNanos(), 100.0 * bare / TIME.toNanos());
			assertThat(connections).isEqualTo(1);
			assertThat(perMinute).isLessThan(200);
			// Where it is waking up that costs, a share of a core says nothing of the
			// monitor
			assertThat(all).isLessThan(10 * bare);
		}
	}

	@Test
	void processorTimeOfTheWorkItself() throws Exception {
		try (MonitoredApplication application = application()) {
			Watchdog watchdog = new Watchdog();
			application.context().getBean(ThresholdWatch.class).stop();
			ThresholdEngine engine = application.context().getBean(ThresholdEngine.class);
			Protection protection = application.protection();
			Duration timeout = protection.settings().monitor().probeTimeout();
			try (Probe probe = new Probe(() -> protection.unpooled().open(timeout, "cost"),
					protection.choice().identity(), watchdog, timeout, Clock.systemUTC())) {
				double first = share(probe::run, () -> engine.look(application.snapshot()), 300);
				double later = share(probe::run, () -> engine.look(application.snapshot()), 10_000);
				System.out.printf("two probes and a look a second: %.3f %% of a core at first, %.3f %% later%n", first,
						later);
				assertThat(probe.run().isAlive()).isTrue();
				assertThat(first).isLessThan(0.1);
				assertThat(later).isLessThan(0.05);
			}
		}
	}

	/**
	 * The share of a core that two probes and one look a second take, in percent.
	 */
	private static double share(Runnable probe, Runnable look, int times) {
		return 100.0 * (2 * processorNanos(probe, times) + processorNanos(look, times)) / 1e9;
	}

	private static long processorNanos(Runnable work, int times) {
		work.run();
		ThreadMXBean threads = ManagementFactory.getThreadMXBean();
		long before = threads.getCurrentThreadCpuTime();
		for (int i = 0; i < times; i++) {
			work.run();
		}
		return (threads.getCurrentThreadCpuTime() - before) / times;
	}

	private static MonitoredApplication application() {
		MonitoredApplication application = MonitoredApplication.start(server.jdbcUrl(), server.username(),
				server.password());
		Awaitility.await().until(() -> application.snapshot().state() == DatabaseState.UP);
		return application;
	}

	@Test
	void retainedMemory() throws Exception {
		long plain = plainPools();
		long all = retained() - plain;
		// What happens to be kept elsewhere meanwhile only adds to it
		long withoutMeters = Long.MAX_VALUE;
		for (int i = 0; i < 3; i++) {
			withoutMeters = Math.min(withoutMeters,
					retained("spring.autoconfigure.exclude=" + DbResilienceMetricsAutoConfiguration.class.getName())
							- plain);
		}
		System.out.printf("retained memory a data source, over %d: %d KB, of them %d KB meters; plain HikariCP %d KB%n",
				DATA_SOURCES, all / 1024, (all - withoutMeters) / 1024, plain / 1024);
		assertThat(withoutMeters).isLessThan(100 * 1024);
		assertThat(all).isLessThan(160 * 1024);
	}

	private static long retained(String... properties) throws Exception {
		try (MonitoredApplication application = MonitoredApplication.start(server.jdbcUrl(), server.username(),
				server.password(), properties)) {
			add(application, "loadsTheClasses", 2);
			long before = liveBytes();
			add(application, "watched", DATA_SOURCES);
			return (liveBytes() - before) / DATA_SOURCES;
		}
	}

	private static long plainPools() throws Exception {
		List<HikariDataSource> pools = new ArrayList<>();
		try {
			addPlain(pools, 2);
			long before = liveBytes();
			addPlain(pools, DATA_SOURCES);
			return (liveBytes() - before) / DATA_SOURCES;
		}
		finally {
			pools.forEach(HikariDataSource::close);
		}
	}

	private static void addPlain(List<HikariDataSource> pools, int count) throws SQLException {
		for (int i = 0; i < count; i++) {
			HikariDataSource pool = pool();
			pools.add(pool);
			pool.getConnection().close();
		}
	}

	private static void add(MonitoredApplication application, String name, int count) throws SQLException {
		BeanDefinitionRegistry registry = (BeanDefinitionRegistry) application.context()
			.getAutowireCapableBeanFactory();
		for (int i = 0; i < count; i++) {
			RootBeanDefinition definition = new RootBeanDefinition(DataSource.class, MonitorCostIT::pool);
			definition.setDefaultCandidate(false);
			registry.registerBeanDefinition(name + i, definition);
			DataSource created = application.context().getBean(name + i, DataSource.class);
			created.getConnection().close();
		}
		HealthMonitor monitor = application.monitor();
		Awaitility.await()
			.atMost(Duration.ofSeconds(60))
			.until(() -> monitor.all()
				.stream()
				.allMatch((
						watched) -> watched.snapshot().servers().stream().allMatch((found) -> found.sample() != null)));
	}

	private static HikariDataSource pool() {
		HikariDataSource pool = new HikariDataSource();
		pool.setJdbcUrl(server.jdbcUrl());
		pool.setUsername(server.username());
		pool.setPassword(server.password());
		pool.setMaximumPoolSize(1);
		return pool;
	}

	/**
	 * The last line of a histogram of what is alive: the free memory of the heap tells
	 * what a collector has got round to.
	 */
	private static long liveBytes() throws Exception {
		rest(Duration.ofSeconds(1));
		String histogram = (String) ManagementFactory.getPlatformMBeanServer()
			.invoke(new ObjectName("com.sun.management:type=DiagnosticCommand"), "gcClassHistogram",
					new Object[] { new String[0] }, new String[] { String[].class.getName() });
		String[] total = histogram.substring(histogram.lastIndexOf("Total")).split("\\s+");
		return Long.parseLong(total[2]);
	}

	private static Map<String, Long> processorNanos() {
		ThreadMXBean threads = ManagementFactory.getThreadMXBean();
		Map<String, Long> nanos = new TreeMap<>();
		for (ThreadInfo thread : threads.getThreadInfo(threads.getAllThreadIds())) {
			if (thread != null && thread.getThreadName().startsWith("db-resilience-")) {
				nanos.merge(thread.getThreadName(), threads.getThreadCpuTime(thread.getThreadId()), Long::sum);
			}
		}
		return nanos;
	}

	private static long transactions() throws SQLException {
		return number("select xact_commit from pg_stat_database where datname = 'app'");
	}

	private static void rest(Duration time) throws InterruptedException {
		assertThat(new CountDownLatch(1).await(time.toNanos(), TimeUnit.NANOSECONDS)).isFalse();
	}

	private static long number(String sql) throws SQLException {
		try (var admin = server.connect(); var row = admin.createStatement().executeQuery(sql)) {
			row.next();
			return row.getLong(1);
		}
	}

	/**
	 * What anybody would do at least: a query without a sense, as often as the monitor
	 * asks.
	 */
	private static final class BarePing implements AutoCloseable {

		static final String NAME = "db-resilience-test-bare-ping";

		private final Thread thread = new Thread(this::ping, NAME);

		BarePing() {
			this.thread.start();
		}

		private void ping() {
			try (Connection connection = server.connect();
					PreparedStatement statement = connection.prepareStatement("select 1")) {
				while (true) {
					statement.executeQuery().close();
					rest(Duration.ofMillis(500));
				}
			}
			catch (SQLException | InterruptedException ex) {
				Thread.currentThread().interrupt();
			}
		}

		@Override
		public void close() {
			this.thread.interrupt();
		}

	}

}
