// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.storm;

import java.util.Arrays;

import io.github.dbresilience.autoconfigure.DbResilienceAutoConfiguration;
import io.github.dbresilience.autoconfigure.DbResilienceTransactionAutoConfiguration;
import io.github.dbresilience.datasource.Protection;
import io.github.dbresilience.datasource.ResilientDataSource;
import io.github.dbresilience.testing.PostgresServer;

import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceTransactionManagerAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.JdbcTemplateAutoConfiguration;
import org.springframework.boot.transaction.autoconfigure.TransactionAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;

/**
 * An application with the starter, one data source and one service.
 */
final class Application<S> implements AutoCloseable {

	private final ConfigurableApplicationContext context;

	private final Class<S> service;

	private Application(ConfigurableApplicationContext context, Class<S> service) {
		this.context = context;
		this.service = service;
	}

	static <S> Application<S> start(Class<S> service, PostgresServer server, String url, String... properties) {
		String[] all = Arrays.copyOf(properties, properties.length + 4);
		all[properties.length] = "spring.datasource.url=" + url;
		all[properties.length + 1] = "spring.datasource.username=" + server.username();
		all[properties.length + 2] = "spring.datasource.password=" + server.password();
		all[properties.length + 3] = "spring.main.banner-mode=off";
		return new Application<>(
				new SpringApplicationBuilder(Beans.class, service).web(WebApplicationType.NONE).properties(all).run(),
				service);
	}

	S service() {
		return this.context.getBean(this.service);
	}

	Protection protection() {
		return this.context.getBean(ResilientDataSource.class).protection();
	}

	@Override
	public void close() {
		this.context.close();
	}

	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration({ DataSourceAutoConfiguration.class, JdbcTemplateAutoConfiguration.class,
			DataSourceTransactionManagerAutoConfiguration.class, TransactionAutoConfiguration.class,
			DbResilienceAutoConfiguration.class, DbResilienceTransactionAutoConfiguration.class })
	static class Beans {

	}

}
