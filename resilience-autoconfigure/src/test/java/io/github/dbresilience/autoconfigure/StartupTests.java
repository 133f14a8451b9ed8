// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.autoconfigure;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;

import io.github.dbresilience.datasource.ResilientDataSource;
import io.github.dbresilience.monitor.DatabaseNotReadyException;
import io.github.dbresilience.testing.PostgresServer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceInitializationAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.JdbcTemplateAutoConfiguration;
import org.springframework.boot.test.context.assertj.AssertableApplicationContext;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.jdbc.core.JdbcTemplate;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Starting while the database is away, or refuses.
 */
@ExtendWith(OutputCaptureExtension.class)
class StartupTests {

	private static PostgresServer server;

	private ApplicationContextRunner runner;

	@BeforeAll
	static void start() {
		server = PostgresServer.create();
	}

	@AfterAll
	static void stop() {
		server.close();
	}

	@BeforeEach
	void prepare() {
		this.runner = new ApplicationContextRunner()
			.withConfiguration(
					AutoConfigurations.of(DataSourceAutoConfiguration.class, JdbcTemplateAutoConfiguration.class,
							DataSourceInitializationAutoConfiguration.class, DbResilienceAutoConfiguration.class))
			.withPropertyValues("spring.datasource.url=" + server.jdbcUrl(),
					"spring.datasource.username=" + server.username(),
					"spring.datasource.password=" + server.password(), "spring.sql.init.mode=always",
					"spring.sql.init.schema-locations=classpath:startup-schema.sql");
	}

	@Test
	void waitsForADatabaseThatStartsLaterAndThenInitializesIt(CapturedOutput output) {
		server.stop();
		CompletableFuture<Void> later = CompletableFuture.runAsync(() -> {
			Awaitility.await().until(() -> output.getOut().contains("waiting up to 60 s for the database"));
			server.start();
		});
		this.runner.run((context) -> {
			assertThat(context).hasNotFailed();
			assertThat(context.getBean(JdbcTemplate.class)
				.queryForObject("select count(*) from startup_marker", Integer.class)).isZero();
			assertThat(output.getOut()).containsOnlyOnce("waiting up to");
		});
		later.join();
	}

	@Test
	void givesUpAfterTheWaitInPlainWords() {
		this.runner
			.withPropertyValues("spring.datasource.url=jdbc:postgresql://localhost:1/app",
					"db.resilience.startup.max-wait=1s")
			.run((context) -> assertAnalysis(context, "It did not answer within", "db.resilience.startup.max-wait"));
	}

	@Test
	void namesAHostThatIsNotKnown() {
		this.runner
			.withPropertyValues("spring.datasource.url=jdbc:postgresql://no-such-host.invalid/app?sslmode=disable",
					"db.resilience.startup.max-wait=1s")
			.run((context) -> assertAnalysis(context, "no-such-host.invalid", "host and port"));
	}

	@Test
	void startsWithoutTheDatabaseWhenSoConfigured() {
		this.runner
			.withPropertyValues("spring.datasource.url=jdbc:postgresql://localhost:1/app",
					"db.resilience.startup.max-wait=300ms", "db.resilience.startup.on-timeout=continue",
					"db.resilience.retry.max-duration=300ms", "spring.sql.init.mode=never")
			.run((context) -> {
				assertThat(context).hasNotFailed();
				assertThat(context).hasSingleBean(ResilientDataSource.class);
			});
	}

	@Test
	void aWrongPasswordFailsAtOnce() {
		long start = System.nanoTime();
		this.runner.withPropertyValues("spring.datasource.password=s3cr3t-but-wrong").run((context) -> {
			assertAnalysis(context, "The server refused the credentials", "spring.datasource.password");
			assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(20));
		});
	}

	@Test
	void aMissingDatabaseFailsAtOnce() {
		this.runner.withPropertyValues("spring.datasource.url=" + server.jdbcUrl("nowhere"))
			.run((context) -> assertAnalysis(context, "no such database", "create the database"));
	}

	@Test
	void aServerWithoutTlsFailsAtOnce() {
		this.runner.withPropertyValues("spring.datasource.url=" + server.jdbcUrl() + "?sslmode=require")
			.run((context) -> assertAnalysis(context, "offers no TLS", "db.resilience.tls=off"));
	}

	@Test
	void aServerIsReachedOverTlsWithAVerifiedCertificate() {
		try (PostgresServer secured = PostgresServer.builder().tlsOnly().start()) {
			this.runner
				.withPropertyValues(
						"spring.datasource.url=" + secured.jdbcUrl() + "?sslmode=verify-full&sslrootcert="
								+ secured.rootCertificate(),
						"spring.datasource.username=" + secured.username(),
						"spring.datasource.password=" + secured.password())
				.run((context) -> {
					assertThat(context).hasNotFailed();
					assertThat(context.getBean(JdbcTemplate.class)
						.queryForObject("select ssl from pg_stat_ssl where pid = pg_backend_pid()", Boolean.class))
						.isTrue();
				});
		}
	}

	@Test
	void aCertificateOfAnUnknownAuthorityFailsAtOnce() {
		try (PostgresServer secured = PostgresServer.builder().tls().start();
				PostgresServer other = PostgresServer.builder().tls().start()) {
			this.runner
				.withPropertyValues("spring.datasource.url=" + secured.jdbcUrl() + "?sslmode=verify-full&sslrootcert="
						+ other.rootCertificate())
				.run((context) -> assertAnalysis(context, "certificate of the server was not accepted", "sslrootcert"));
		}
	}

	private static void assertAnalysis(AssertableApplicationContext context, String description, String action) {
		assertThat(context).hasFailed();
		assertThat(context.getStartupFailure()).hasRootCauseInstanceOf(Throwable.class)
			.hasStackTraceContaining(DatabaseNotReadyException.class.getName());
		FailureAnalysis analysis = new DatabaseNotReadyFailureAnalyzer().analyze(context.getStartupFailure());
		assertThat(analysis.getDescription()).contains("'dataSource'").contains(description);
		assertThat(analysis.getAction()).contains(action);
		assertThat(analysis.getDescription() + analysis.getAction()).doesNotContain("s3cr3t")
			.doesNotContain(server.password());
	}

}
