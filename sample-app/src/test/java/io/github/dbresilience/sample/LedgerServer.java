// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.sample;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.stream.Stream;

import io.github.dbresilience.testing.PostgresServer;
import liquibase.exception.LiquibaseException;
import liquibase.integration.spring.SpringLiquibase;

import org.springframework.boot.SpringApplication;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.io.DefaultResourceLoader;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

/**
 * A server of a test's own, for tests of roles: those belong to a whole server.
 */
final class LedgerServer implements AutoCloseable {

	private final PostgresServer server = PostgresServer.create();

	private final DriverManagerDataSource owner = new DriverManagerDataSource(this.server.jdbcUrl(),
			this.server.username(), this.server.password());

	String ownerName() {
		return this.server.username();
	}

	String ownerPassword() {
		return this.server.password();
	}

	void migrate() throws LiquibaseException {
		SpringLiquibase liquibase = new SpringLiquibase();
		liquibase.setDataSource(this.owner);
		liquibase.setChangeLog("classpath:/db/changelog/db.changelog-master.yaml");
		liquibase.setResourceLoader(new DefaultResourceLoader());
		liquibase.setAnalyticsEnabled(false);
		liquibase.afterPropertiesSet();
	}

	ConfigurableApplicationContext application(String user, String password, String... more) {
		String[] common = { "--spring.main.banner-mode=off", "--server.port=0", "--DB_URL=" + this.server.jdbcUrl(),
				"--DB_USER=" + user, "--DB_PASSWORD=" + password };
		return SpringApplication.run(SampleApplication.class,
				Stream.concat(Stream.of(common), Stream.of(more)).toArray(String[]::new));
	}

	String query(String sql) {
		return String.valueOf(new JdbcTemplate(this.owner).queryForObject(sql, String.class));
	}

	void asAdmin(String... statements) throws SQLException {
		try (Connection connection = this.server.connect(); Statement statement = connection.createStatement()) {
			for (String sql : statements) {
				statement.execute(sql);
			}
		}
	}

	@Override
	public void close() {
		this.server.close();
	}

}
