// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.monitor;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.lang.management.ThreadMXBean;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
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
import io.github.dbresilience.testing.PostgresServer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import org.springframework.beans.factory.support.BeanDefinitionRegistry;
import org.springframework.beans.factory.support.RootBeanDefinition;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ApplicationContextInitializer;
import org.springframework.context.ConfigurableApplicationContext;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What watching costs an application at rest. In the first minutes most of the code is
 * interpreted: that is what is measured here, and later it costs less
 * ({@code -Ddb.resilience.cost.seconds} makes it longer).
 */
class MonitorCostIT {

	private static final Duration TIME = Duration.ofSeconds(Integer.getInteger("db.resilience.cost.seconds", 30));

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
	void connectionsQueriesAndProcessorTime() throws Exception {
		try (MonitoredApplication application = MonitoredApplication.start(server.jdbcUrl(), server.username(),
				server.password()); BarePing reference = new BarePing()) {
			Awaitility.await().until(() -> application.snapshot().state() == DatabaseState.UP);
			rest(TIME);
			long queries = transactions();
			Map<String, Long> before = processorNanos();
			long start = System.nanoTime();
			rest(TIME);
			long elapsed = System.nanoTime() - start;
			Map<String, Long> spent = processorNanos();
			spent.replaceAll((thread, nanos) -> nanos - before.getOrDefault(thread, 0L));
			double perMinute = (transactions() - queries) * 6e10 / elapsed;
			long connections = number(
					"select count(*) from pg_stat_activity where application_name like '%monitor' or application_name like '%tokens'");
			long ping = spent.remove(BarePing.NAME);
			long all = spent.values().stream().mapToLong(Long::longValue).sum();
			System.out.printf(
					"monitor at rest: %d connection, about %.0f transactions a minute, %.3f %% of a core, %.1f times a bare ping%n",
					connections, perMinute, 100.0 * all / elapsed, (double) all / ping);
			spent.forEach((thread, nanos) -> System.out.printf("  %s: %.3f %%%n", thread, 100.0 * nanos / elapsed));
			assertThat(connections).isEqualTo(1);
			assertThat(perMinute).isLessThan(200);
			// On a machine that does other things too, a share of a core says little
			assertThat(all).isLessThan(5 * ping);
		}
	}

	@Test
	void retainedMemory() throws Exception {
		long plain = plainPools();
		long all = retained() - plain;
		long withoutMeters = retained(
				"spring.autoconfigure.exclude=" + DbResilienceMetricsAutoConfiguration.class.getName()) - plain;
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
					Thread.sleep(500);
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
