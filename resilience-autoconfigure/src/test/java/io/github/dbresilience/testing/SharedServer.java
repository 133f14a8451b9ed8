// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.testing;

import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.postgresql.PostgreSQLContainer;
import org.testcontainers.utility.DockerImageName;

import org.springframework.util.StringUtils;

/**
 * The one server of this JVM that ordinary tests have their databases on. It ends with
 * the JVM.
 */
final class SharedServer {

	private static final Log logger = LogFactory.getLog(SharedServer.class);

	private static final String DATABASE = "db-resilience.test.database";

	private static final String IMAGE = "db-resilience.test.image";

	private static final String DEFAULT_IMAGE = "postgres:17";

	/** Enough for the pools of a whole test suite with cached application contexts. */
	private static final Map<String, String> SETTINGS = Map.of("max_connections", "300", "fsync", "on");

	private static final FutureTask<DatabaseServer> SHARED = new FutureTask<>(SharedServer::start);

	private SharedServer() {
	}

	/**
	 * Starts the server at the first call. A failure is kept: the next test would not
	 * fare better, and to learn that an image cannot be had takes minutes.
	 * @return the server
	 */
	static DatabaseServer obtain() {
		SHARED.run();
		try {
			return SHARED.get();
		}
		catch (ExecutionException ex) {
			throw new IllegalStateException("There is no database for the tests: " + ex.getMessage(), ex);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new IllegalStateException("Interrupted while the database for the tests starts", ex);
		}
	}

	private static DatabaseServer start() {
		return start(setting(DATABASE, "auto"));
	}

	static DatabaseServer start(String kind) {
		return switch (Kind.parse(kind)) {
			case DOCKER -> {
				requireDocker();
				yield startContainer();
			}
			case EMBEDDED -> startEmbedded();
			case AUTO -> isDockerAvailable() ? startContainer() : startEmbedded();
		};
	}

	static boolean isDockerAvailable() {
		return DockerClientFactory.instance().isDockerAvailable();
	}

	private static void requireDocker() {
		if (!isDockerAvailable()) {
			throw new IllegalStateException("The tests were asked to use Docker (" + DATABASE
					+ "=docker), but no Docker answers. Start it, or use " + DATABASE + "=embedded");
		}
	}

	private static DatabaseServer startEmbedded() {
		PostgresServer server = PostgresServer.builder().settings(SETTINGS).start();
		return announce(server.sql(), "the embedded server");
	}

	/**
	 * The container's own user is a superuser: applications get an ordinary one, as on
	 * the embedded server.
	 */
	private static DatabaseServer startContainer() {
		String image = setting(IMAGE, DEFAULT_IMAGE);
		PostgreSQLContainer container = new PostgreSQLContainer(
				DockerImageName.parse(image).asCompatibleSubstituteFor("postgres"))
			.withCommand("postgres", "-c", "max_connections=300", "-c", "fsync=on");
		try {
			container.start();
		}
		catch (RuntimeException ex) {
			throw new IllegalStateException("Docker answers, but cannot run the image " + image + ". Name another one ("
					+ IMAGE + "), or use " + DATABASE + "=embedded", ex);
		}
		DatabaseServer.Account admin = new DatabaseServer.Account(container.getUsername(), container.getPassword());
		DatabaseServer.Account user = new DatabaseServer.Account("app", UUID.randomUUID().toString());
		DatabaseServer server = new DatabaseServer(
				container.getHost() + ":" + container.getMappedPort(PostgreSQLContainer.POSTGRESQL_PORT), admin, user);
		server.execute("create role app login password '" + user.password() + "'");
		return announce(server, "a container of " + image);
	}

	private static DatabaseServer announce(DatabaseServer server, String kind) {
		logger.info("\n\n  Tests use PostgreSQL " + server.version() + " in " + kind + " at " + server.address()
				+ "\n  (" + DATABASE + "=docker or embedded decides otherwise)\n");
		return server;
	}

	/**
	 * A system property, or the environment variable that is named as Spring Boot would.
	 */
	private static String setting(String property, String defaultValue) {
		String variable = property.replace('.', '_').replace('-', '_').toUpperCase(Locale.ROOT);
		String value = System.getProperty(property, System.getenv(variable));
		return StringUtils.hasText(value) ? value.strip() : defaultValue;
	}

	private enum Kind {

		AUTO, DOCKER, EMBEDDED;

		static Kind parse(String value) {
			for (Kind kind : values()) {
				if (kind.name().equalsIgnoreCase(value)) {
					return kind;
				}
			}
			throw new IllegalStateException(
					"The property " + DATABASE + " must be docker, embedded or auto, and not \"" + value + "\"");
		}

	}

}
