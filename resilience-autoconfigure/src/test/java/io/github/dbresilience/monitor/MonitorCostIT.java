// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.monitor;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import com.zaxxer.hikari.HikariDataSource;
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
 * What watching costs an application at rest. The figures are what counts; the bounds
 * only catch a cost that has got out of hand. In the first minutes the code is
 * interpreted, so processor time is worth looking at with
 * {@code -Ddb.resilience.cost.seconds=150} or more.
 */
class MonitorCostIT {

	private static final Duration TIME = Duration.ofSeconds(Integer.getInteger("db.resilience.cost.seconds", 20));

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
				server.password())) {
			Awaitility.await().until(() -> application.snapshot().state() == DatabaseState.UP);
			rest(TIME);
			long queries = number("select xact_commit from pg_stat_database where datname = 'app'");
			long processor = processorNanos();
			long start = System.nanoTime();
			rest(TIME);
			long elapsed = System.nanoTime() - start;
			double share = 100.0 * (processorNanos() - processor) / elapsed;
			double perMinute = (number("select xact_commit from pg_stat_database where datname = 'app'") - queries)
					* 6e10 / elapsed;
			long connections = number(
					"select count(*) from pg_stat_activity where application_name like '%monitor' or application_name like '%tokens'");
			System.out.printf("monitor at rest: %d connection, about %.0f transactions a minute, %.4f %% of a core%n",
					connections, perMinute, share);
			assertThat(connections).isEqualTo(1);
			assertThat(perMinute).isLessThan(400);
			assertThat(share).isLessThan(2);
		}
	}

	@Test
	void retainedMemory() throws Exception {
		long plain = retained(false);
		long watched = retained(true);
		long each = (watched - plain) / DATA_SOURCES;
		System.out.printf("retained memory: %d KB a data source, over %d of them%n", each / 1024, DATA_SOURCES);
		assertThat(each).isLessThan(250 * 1024);
	}

	/**
	 * The heap that an application retains more for many data sources than for one.
	 */
	private static long retained(boolean enabled) throws InterruptedException {
		return heapOf(enabled, DATA_SOURCES + 1) - heapOf(enabled, 1);
	}

	private static long heapOf(boolean enabled, int dataSources) throws InterruptedException {
		try (ConfigurableApplicationContext context = new SpringApplicationBuilder(MonitoredApplication.Beans.class)
			.web(WebApplicationType.NONE)
			.logStartupInfo(false)
			.initializers(further(dataSources - 1))
			.run("--spring.datasource.url=" + server.jdbcUrl(), "--spring.datasource.username=" + server.username(),
					"--spring.datasource.password=" + server.password(), "--spring.main.banner-mode=off",
					"--spring.liquibase.enabled=false", "--spring.jmx.enabled=false",
					"--db.resilience.enabled=" + enabled, "--db.resilience.commit-outcome.create=never",
					"--logging.level.root=ERROR", "--spring.datasource.hikari.minimum-idle=0")) {
			if (enabled) {
				HealthMonitor monitor = context.getBean(HealthMonitor.class);
				Awaitility.await()
					.atMost(Duration.ofSeconds(60))
					.until(() -> monitor.all()
						.stream()
						.allMatch((watched) -> watched.snapshot()
							.servers()
							.stream()
							.allMatch((found) -> found.sample() != null)));
			}
			return settledHeap();
		}
	}

	private static ApplicationContextInitializer<ConfigurableApplicationContext> further(int count) {
		return (context) -> {
			for (int i = 0; i < count; i++) {
				RootBeanDefinition definition = new RootBeanDefinition(HikariDataSource.class, () -> {
					HikariDataSource pool = new HikariDataSource();
					pool.setJdbcUrl(server.jdbcUrl());
					pool.setUsername(server.username());
					pool.setPassword(server.password());
					pool.setMaximumPoolSize(1);
					pool.setMinimumIdle(0);
					return pool;
				});
				definition.setDefaultCandidate(false);
				((BeanDefinitionRegistry) context.getBeanFactory()).registerBeanDefinition("further" + i, definition);
			}
		};
	}

	private static long settledHeap() throws InterruptedException {
		long least = Long.MAX_VALUE;
		for (int i = 0; i < 6; i++) {
			System.gc();
			rest(Duration.ofMillis(200));
			Runtime runtime = Runtime.getRuntime();
			least = Math.min(least, runtime.totalMemory() - runtime.freeMemory());
		}
		return least;
	}

	private static long processorNanos() {
		ThreadMXBean threads = ManagementFactory.getThreadMXBean();
		List<Long> ids = new ArrayList<>();
		Arrays.stream(threads.getThreadInfo(threads.getAllThreadIds()))
			.filter((thread) -> thread != null && thread.getThreadName().startsWith("db-resilience-"))
			.forEach((thread) -> ids.add(thread.getThreadId()));
		return ids.stream().mapToLong(threads::getThreadCpuTime).sum();
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

}
