// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.sample.fault;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import io.github.dbresilience.sample.SampleApplication;
import io.github.dbresilience.testing.PostgresServer;

import org.springframework.boot.SpringApplication;
import org.springframework.context.ConfigurableApplicationContext;

/**
 * The sample application on a server that tests may kill, and a client of it.
 */
final class RunningSample implements AutoCloseable {

	private final ConfigurableApplicationContext context;

	private final HttpClient client = HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build();

	private final String base;

	private RunningSample(ConfigurableApplicationContext context) {
		this.context = context;
		this.base = "http://localhost:" + context.getEnvironment().getProperty("local.server.port");
	}

	static RunningSample on(PostgresServer server, String... properties) {
		List<String> arguments = new ArrayList<>(
				List.of("--server.port=0", "--DB_URL=" + server.jdbcUrl(), "--DB_USER=" + server.username(),
						"--DB_PASSWORD=" + server.password(), "--spring.main.banner-mode=off"));
		for (String property : properties) {
			arguments.add("--" + property);
		}
		return new RunningSample(SpringApplication.run(SampleApplication.class, arguments.toArray(String[]::new)));
	}

	<T> T bean(Class<T> type) {
		return this.context.getBean(type);
	}

	HttpResponse<String> get(String path) {
		return send(HttpRequest.newBuilder(URI.create(this.base + path)).GET());
	}

	HttpResponse<String> post(String path, String json) {
		return send(HttpRequest.newBuilder(URI.create(this.base + path))
			.header("Content-Type", "application/json")
			.POST(HttpRequest.BodyPublishers.ofString(json)));
	}

	private HttpResponse<String> send(HttpRequest.Builder request) {
		try {
			return this.client.send(request.timeout(Duration.ofSeconds(60)).build(),
					HttpResponse.BodyHandlers.ofString());
		}
		catch (IOException ex) {
			throw new IllegalStateException("The sample did not answer", ex);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new IllegalStateException(ex);
		}
	}

	/**
	 * The sum of all samples of a meter on the Prometheus page.
	 */
	double meter(String name) {
		return get("/actuator/prometheus").body()
			.lines()
			.filter((line) -> line.startsWith(name + "{") || line.startsWith(name + " "))
			.mapToDouble((line) -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
			.sum();
	}

	@Override
	public void close() {
		this.context.close();
	}

}
