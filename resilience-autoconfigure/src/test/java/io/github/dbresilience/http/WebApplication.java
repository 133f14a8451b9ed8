// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.http;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import io.github.dbresilience.datasource.ResilientDataSource;
import io.github.dbresilience.testing.PostgresServer;

import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.data.jpa.autoconfigure.DataJpaRepositoriesAutoConfiguration;
import org.springframework.boot.hibernate.autoconfigure.HibernateJpaAutoConfiguration;
import org.springframework.boot.liquibase.autoconfigure.LiquibaseAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;

/**
 * An application with everything that Spring Boot configures by itself, on a free port of
 * loopback, and a client of it.
 */
final class WebApplication implements AutoCloseable {

	private final HttpClient client = HttpClient.newBuilder()
		.version(HttpClient.Version.HTTP_1_1)
		.connectTimeout(Duration.ofSeconds(5))
		.build();

	private final ConfigurableApplicationContext context;

	private final int port;

	private WebApplication(ConfigurableApplicationContext context, String port) {
		this.context = context;
		this.port = context.getEnvironment().getRequiredProperty(port, Integer.class);
	}

	static WebApplication start(PostgresServer server, String url, List<Class<?>> more, String... properties) {
		List<String> all = new ArrayList<>(List.of("spring.datasource.url=" + url,
				"spring.datasource.username=" + server.username(), "spring.datasource.password=" + server.password(),
				"server.port=0", "server.address=localhost", "spring.main.banner-mode=off",
				"management.endpoints.web.exposure.include=health,prometheus,dbresilience",
				"management.endpoint.health.show-details=always"));
		all.addAll(List.of(properties));
		List<Class<?>> sources = new ArrayList<>(more);
		sources.add(Beans.class);
		return new WebApplication(new SpringApplicationBuilder(sources.toArray(Class<?>[]::new))
			.run(all.stream().map((property) -> "--" + property).toArray(String[]::new)), "local.server.port");
	}

	/**
	 * {@return a client of the actuator's own port}
	 */
	WebApplication management() {
		return new WebApplication(this.context, "local.management.port");
	}

	ResilientDataSource dataSource() {
		return this.context.getBean(ResilientDataSource.class);
	}

	HttpResponse<String> get(String path) {
		return send(request(path).GET());
	}

	HttpResponse<String> post(String path, String json) {
		return send(request(path).header("Content-Type", "application/json").POST(BodyPublishers.ofString(json)));
	}

	private HttpRequest.Builder request(String path) {
		return HttpRequest.newBuilder(URI.create("http://localhost:" + this.port + path))
			.timeout(Duration.ofSeconds(20));
	}

	private HttpResponse<String> send(HttpRequest.Builder request) {
		try {
			return this.client.send(request.build(), BodyHandlers.ofString());
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new IllegalStateException(ex);
		}
	}

	@Override
	public void close() {
		this.context.close();
	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration(exclude = { HibernateJpaAutoConfiguration.class,
			DataJpaRepositoriesAutoConfiguration.class, LiquibaseAutoConfiguration.class })
	static class Beans {

	}

}
