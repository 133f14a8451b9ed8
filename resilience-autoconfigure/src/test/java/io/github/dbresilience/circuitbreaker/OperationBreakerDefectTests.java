// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.circuitbreaker;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

import io.github.dbresilience.fault.DatabaseUnavailableException;
import io.github.resilience4j.circuitbreaker.CallNotPermittedException;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreaker.State;
import io.github.resilience4j.circuitbreaker.CircuitBreakerRegistry;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.cloud.client.circuitbreaker.CircuitBreakerFactory;
import org.springframework.dao.DataAccessResourceFailureException;

import static io.github.dbresilience.circuitbreaker.Operations.failFiveTimes;
import static io.github.dbresilience.circuitbreaker.Operations.fails;
import static io.github.dbresilience.circuitbreaker.Operations.illegal;
import static io.github.dbresilience.circuitbreaker.Operations.outage;
import static io.github.dbresilience.circuitbreaker.Operations.sql;
import static io.github.dbresilience.circuitbreaker.Operations.state;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowable;

/**
 * Breakers of operations and of Spring Cloud's factory.
 */
class OperationBreakerDefectTests {

	private final ApplicationContextRunner runner = Operations.runner();

	@Test
	void theOpenBreakerOfADataSourceDoesNotOpenThatOfAnOperation() {
		this.runner.run((context) -> {
			ResilientOperations operations = context.getBean(ResilientOperations.class);
			failFiveTimes(() -> operations.run("sum", () -> {
				throw new DataAccessResourceFailureException("away",
						new DatabaseUnavailableException("db", "open", Duration.ofSeconds(1), null));
			}));
			// back within a second; the operation has to be as well
			assertThat(state(context, "sum")).isEqualTo(State.CLOSED);
		});
	}

	@Test
	void theOpenBreakerOfSomebodyElseIsNotMistakenForThatOfTheOperation() {
		this.runner.run((context) -> {
			CircuitBreaker remote = CircuitBreaker.ofDefaults("remote");
			remote.transitionToOpenState();
			assertThatExceptionOfType(CallNotPermittedException.class)
				.isThrownBy(() -> context.getBean(ResilientOperations.class)
					.run("sum", () -> remote.executeSupplier(() -> "x"), (failure) -> "fallback"));
		});
	}

	@Test
	void theDefaultConfigurationOfTheUserWinsForOtherBreakers() {
		this.runner
			.withPropertyValues("resilience4j.circuitbreaker.configs.default.sliding-window-size=2",
					"resilience4j.circuitbreaker.configs.default.minimum-number-of-calls=2")
			.run((context) -> {
				CircuitBreakerFactory<?, ?> factory = context.getBean(CircuitBreakerFactory.class);
				for (int i = 0; i < 2; i++) {
					fails(() -> factory.create("remote").run(illegal()));
				}
				assertThat(state(context, "remote")).isEqualTo(State.OPEN);
			});
	}

	@Test
	void theModeOfTheDataSourcesDoesNotDisableOtherBreakers() {
		this.runner.withPropertyValues("db.resilience.circuit-breaker.mode=disabled").run((context) -> {
			CircuitBreakerFactory<?, ?> factory = context.getBean(CircuitBreakerFactory.class);
			for (int i = 0; i < 100; i++) {
				fails(() -> factory.create("remote").run(illegal()));
			}
			assertThat(state(context, "remote")).isEqualTo(State.OPEN);
		});
	}

	@Test
	void lateFailuresDoNotProlongAnOpenBreaker() {
		this.runner.withPropertyValues("db.resilience.operations.sum.open-duration=1s").run((context) -> {
			ResilientOperations operations = context.getBean(ResilientOperations.class);
			failFiveTimes(() -> operations.run("sum", outage()));
			CircuitBreaker breaker = context.getBean(CircuitBreakerRegistry.class).find("sum").orElseThrow();
			Awaitility.await().pollDelay(Duration.ofMillis(700)).until(() -> true);
			for (int i = 0; i < 5; i++) {
				breaker.onError(1, TimeUnit.SECONDS, catchThrowable(outage()::get));
			}
			Awaitility.await().pollDelay(Duration.ofMillis(500)).until(() -> true);
			assertThat(breaker.tryAcquirePermission()).isTrue();
		});
	}

	@Test
	void anOperationMayHaveTheNameOfADataSource() {
		this.runner.run((context) -> {
			DataSourceCircuitBreaker dataSource = context.getBean(CircuitBreakers.class)
				.forDataSource("orders", CircuitBreakerSettings.defaults());
			ResilientOperations operations = context.getBean(ResilientOperations.class);
			fails(() -> operations.run("orders", sql("ERROR: duplicate key", "23505")));
			dataSource.open();
			assertThat(operations.<Object>run("orders", () -> "done")).isEqualTo("done");
		});
	}

	@Test
	void aWriteInAReadOnlyTransactionIsNotAnsweredByTheFallback() {
		this.runner.run((context) -> assertThat(catchThrowable(() -> context.getBean(ResilientOperations.class)
			.<Object>run("sum", sql("ERROR: cannot execute INSERT in a read-only transaction", "25006"),
					(failure) -> "fallback")))
			.isNotNull());
	}

	@Test
	void aWriteOutsideATransactionWhoseConnectionWasLostIsNotAnsweredByTheFallback() {
		this.runner.run((context) -> assertThat(catchThrowable(() -> context.getBean(ResilientOperations.class)
			.<Object>run("sum", sql("An I/O error occurred while sending to the backend.", "08006"),
					(failure) -> "fallback")))
			.isNotNull());
	}

}
