// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.monitor;

import java.util.stream.Stream;

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

	@SpringBootConfiguration(proxyBeanMethods = false)
	@EnableAutoConfiguration(
			exclude = { HibernateJpaAutoConfiguration.class, DataJpaRepositoriesAutoConfiguration.class })
	static class Beans {

		@Bean
		Ledger ledger(JdbcTemplate jdbc) {
			return new Ledger(jdbc);
		}

	}

}
