// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.sample.database;

import java.util.Optional;

import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.jdbc.autoconfigure.DataSourceProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/**
 * Chooses the database when the application starts, not by conditions: those are decided
 * when the application is built ahead of time, before anybody knows the environment.
 */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties({ DatabaseProperties.class, EmbeddedProperties.class })
class DatabaseConfiguration {

	@Bean
	LedgerDatabase ledgerDatabase(DatabaseProperties database, EmbeddedProperties embedded,
			DataSourceProperties dataSource) {
		if (dataSource.getUrl() != null) {
			return ExternalDatabase.of(dataSource.getUrl(), dataSource.getUsername(), dataSource.getPassword());
		}
		Optional<ExternalDatabase> external = ExternalDatabase.of(database);
		return external.isPresent() ? external.get() : EmbeddedDatabase.start(embedded);
	}

}
