// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.monitor;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;

import io.github.dbresilience.alert.AlertEvent;
import io.github.dbresilience.alert.AlertListener;
import io.github.dbresilience.datasource.Protection;
import io.github.dbresilience.datasource.ResilientDataSource;
import io.github.dbresilience.retry.RetryableTransaction;

import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.data.jpa.autoconfigure.DataJpaRepositoriesAutoConfiguration;
import org.springframework.boot.hibernate.autoconfigure.HibernateJpaAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.transaction.annotation.Transactional;

/**
 * An application with the starter and one data source, as a user would start it.
 */
final class MonitoredApplication implements AutoCloseable {

	private final ConfigurableApplicationContext context;

	private MonitoredApplication(ConfigurableApplicationContext context) {
		this.context = context;
	}

	static MonitoredApplication start(String url, String username, String password, String... properties) {
		Stream<String> common = Stream.of("spring.datasource.url=" + url, "spring.datasource.username=" + username,
				"spring.datasource.password=" + password, "spring.main.banner-mode=off", "spring.jmx.enabled=false",
				"spring.liquibase.enabled=false", "spring.datasource.hikari.maximum-pool-size=10",
				"logging.level.com.zaxxer.hikari=OFF");
		return new MonitoredApplication(new SpringApplicationBuilder(Beans.class).web(WebApplicationType.NONE)
			.logStartupInfo(false)
			.run(Stream.concat(common, Stream.of(properties))
				.map((property) -> "--" + property)
				.toArray(String[]::new)));
	}

	ConfigurableApplicationContext context() {
		return this.context;
	}

	ResilientDataSource dataSource() {
		return this.context.getBean(ResilientDataSource.class);
	}

	Protection protection() {
		return dataSource().protection();
	}

	JdbcTemplate jdbc() {
		return this.context.getBean(JdbcTemplate.class);
	}

	Ledger ledger() {
		return this.context.getBean(Ledger.class);
	}

	HealthMonitor monitor() {
		return this.context.getBean(HealthMonitor.class);
	}

	/**
	 * All alerts since the start.
	 */
	List<AlertEvent> alerts() {
		return this.context.getBean(AlertBook.class).events;
	}

	Snapshot snapshot() {
		return monitor().all().iterator().next().snapshot();
	}

	@Override
	public void close() {
		this.context.close();
	}

	/**
	 * Writes one row per transaction.
	 */
	static class Ledger {

		private final JdbcTemplate jdbc;

		Ledger(JdbcTemplate jdbc) {
			this.jdbc = jdbc;
		}

		@Transactional
		@RetryableTransaction
		public void write(long id) {
			this.jdbc.update("insert into work (id) values (?)", id);
		}

	}

	/**
	 * Keeps what it is told.
	 */
	static final class AlertBook implements AlertListener {

		private final List<AlertEvent> events = new CopyOnWriteArrayList<>();

		@Override
		public void onAlert(AlertEvent event) {
			this.events.add(event);
		}

	}

	@SpringBootConfiguration(proxyBeanMethods = false)
	@EnableAutoConfiguration(
			exclude = { HibernateJpaAutoConfiguration.class, DataJpaRepositoriesAutoConfiguration.class })
	static class Beans {

		@Bean
		AlertBook alertBook() {
			return new AlertBook();
		}

		@Bean
		Ledger ledger(JdbcTemplate jdbc) {
			return new Ledger(jdbc);
		}

	}

}
