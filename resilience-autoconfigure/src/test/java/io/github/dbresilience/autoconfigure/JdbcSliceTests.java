// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.autoconfigure;

import javax.sql.DataSource;

import com.zaxxer.hikari.HikariDataSource;
import io.github.dbresilience.datasource.ResilientDataSource;
import io.github.dbresilience.testing.TestDatabase;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.jdbc.test.autoconfigure.AutoConfigureTestDatabase;
import org.springframework.boot.jdbc.test.autoconfigure.JdbcTest;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The slice {@code @JdbcTest} has the resilient data source too.
 */
@JdbcTest(properties = "spring.liquibase.enabled=false")
@AutoConfigureTestDatabase(replace = AutoConfigureTestDatabase.Replace.NONE)
class JdbcSliceTests {

	private static final TestDatabase database = TestDatabase.create();

	@DynamicPropertySource
	static void properties(DynamicPropertyRegistry registry) {
		registry.add("spring.datasource.url", database::jdbcUrl);
		registry.add("spring.datasource.username", database::username);
		registry.add("spring.datasource.password", database::password);
	}

	@AfterAll
	static void drop(@Autowired DataSource dataSource) throws Exception {
		dataSource.unwrap(HikariDataSource.class).close();
		database.close();
	}

	@Test
	void theDataSourceOfTheSliceIsResilient(@Autowired DataSource dataSource, @Autowired JdbcTemplate jdbc) {
		assertThat(dataSource).isInstanceOf(ResilientDataSource.class);
		assertThat(jdbc.queryForObject("select 1", Integer.class)).isEqualTo(1);
	}

	@SpringBootConfiguration
	@EnableAutoConfiguration
	static class Application {

	}

}
