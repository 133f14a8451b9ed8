// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.circuitbreaker;

import java.io.IOException;

import io.github.dbresilience.autoconfigure.DbResilienceAutoConfiguration;
import io.github.dbresilience.circuitbreaker.Operations.BlankName;
import io.github.dbresilience.circuitbreaker.Operations.NoSuchFallback;
import io.github.dbresilience.circuitbreaker.Operations.Orders;
import io.github.dbresilience.circuitbreaker.Operations.WrongParameters;
import io.github.dbresilience.circuitbreaker.Operations.WrongReturnType;
import io.github.dbresilience.fault.DatabaseUnavailableException;
import io.github.dbresilience.retry.RetryScope;
import io.github.resilience4j.circuitbreaker.CircuitBreaker.State;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import io.github.resilience4j.circuitbreaker.CircuitBreakerRegistry;
import io.github.resilience4j.springboot.circuitbreaker.autoconfigure.CircuitBreakerAutoConfiguration;
import io.github.resilience4j.springboot.timelimiter.autoconfigure.TimeLimiterAutoConfiguration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.aop.support.AopUtils;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.autoconfigure.aop.AopAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.test.context.assertj.AssertableApplicationContext;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.context.runner.ContextConsumer;
import org.springframework.cloud.circuitbreaker.resilience4j.Resilience4JAutoConfiguration;
import org.springframework.cloud.circuitbreaker.resilience4j.Resilience4JCircuitBreakerFactory;
import org.springframework.cloud.circuitbreaker.resilience4j.Resilience4JConfigBuilder;
import org.springframework.cloud.client.circuitbreaker.CircuitBreakerFactory;
import org.springframework.cloud.client.circuitbreaker.Customizer;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.dao.DataAccessResourceFailureException;
import org.springframework.jdbc.UncategorizedSQLException;

import static io.github.dbresilience.circuitbreaker.Operations.failFiveTimes;
import static io.github.dbresilience.circuitbreaker.Operations.fails;
import static io.github.dbresilience.circuitbreaker.Operations.illegal;
import static io.github.dbresilience.circuitbreaker.Operations.outage;
import static io.github.dbresilience.circuitbreaker.Operations.sql;
import static io.github.dbresilience.circuitbreaker.Operations.state;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.catchThrowable;

/**
 * Operations in a real application context, with Resilience4j and Spring Cloud behind
 * them.
 */
class ResilientOperationTests {

	private final ApplicationContextRunner runner = Operations.runner();

	@Test
	void anOperationRunsOnTheThreadOfItsCaller() {
		run((context) -> {
			Orders orders = context.getBean(Orders.class);
			assertThat(AopUtils.isCglibProxy(orders)).isTrue();
			assertThat(orders.count(Thread::currentThread)).isSameAs(Thread.currentThread());
		});
	}

	@Test
	void anApplicationRunsItsOperationsOnTheThreadOfTheirCallerWithoutAnySetting() {
		try (ConfigurableApplicationContext context = new SpringApplicationBuilder(Application.class)
			.web(WebApplicationType.NONE)
			.run()) {
			Orders orders = context.getBean(Orders.class);
			assertThat(orders.count(Thread::currentThread)).isSameAs(Thread.currentThread());
			assertThat(orders.find(Thread::currentThread)).isSameAs(Thread.currentThread());
		}
	}

	@Test
	void fiveOutagesInARowOpenTheBreakerOfTheOperation() {
		run((context) -> {
			Orders orders = context.getBean(Orders.class);
			failFiveTimes(() -> orders.count(outage()));
			assertThat(state(context, "count")).isEqualTo(State.OPEN);
			assertThatExceptionOfType(DataAccessResourceFailureException.class)
				.isThrownBy(() -> orders.count(() -> "not run"))
				.withMessageContaining("count")
				.withCauseInstanceOf(DatabaseUnavailableException.class);
		});
	}

	@Test
	void aSuccessEndsTheRow() {
		run((context) -> {
			Orders orders = context.getBean(Orders.class);
			for (int round = 0; round < 3; round++) {
				for (int i = 0; i < 4; i++) {
					fails(() -> orders.count(outage()));
				}
				orders.count(() -> "done");
			}
			assertThat(state(context, "count")).isEqualTo(State.CLOSED);
		});
	}

	@Test
	void errorsOfAServerThatAnswersDoNotMoveTheBreaker() {
		run((context) -> {
			Orders orders = context.getBean(Orders.class);
			for (int i = 0; i < 20; i++) {
				assertThat(catchThrowable(() -> orders.count(sql("ERROR: duplicate key", "23505"))))
					.isInstanceOf(UncategorizedSQLException.class);
			}
			assertThat(state(context, "count")).isEqualTo(State.CLOSED);
		});
	}

	@Test
	void exceptionsThatAreNotTheDatabasesNeitherBreakNorContinueARow() {
		run((context) -> {
			Orders orders = context.getBean(Orders.class);
			for (int i = 0; i < 20; i++) {
				assertThatIllegalArgumentException().isThrownBy(() -> orders.count(illegal()));
			}
			assertThat(state(context, "count")).isEqualTo(State.CLOSED);
			for (int i = 0; i < 4; i++) {
				fails(() -> orders.count(outage()));
			}
			fails(() -> orders.count(illegal()));
			assertThat(state(context, "count")).isEqualTo(State.CLOSED);
			fails(() -> orders.count(outage()));
			assertThat(state(context, "count")).isEqualTo(State.OPEN);
		});
	}

	@Test
	void operationsHaveBreakersOfTheirOwn() {
		run((context) -> {
			Orders orders = context.getBean(Orders.class);
			failFiveTimes(() -> orders.count(outage()));
			assertThat(orders.plain(() -> "done")).isEqualTo("done");
		});
	}

	@Test
	void onlyAnOperationWithAFallbackMakesASingleAttempt() {
		run((context) -> {
			Orders orders = context.getBean(Orders.class);
			assertThat(orders.find(RetryScope::isOpen)).isEqualTo(true);
			assertThat(orders.count(RetryScope::isOpen)).isEqualTo(false);
			assertThat(RetryScope.isOpen()).isFalse();
		});
	}

	@Test
	void checkedExceptionsComeOutUnchanged() {
		run((context) -> assertThatExceptionOfType(IOException.class)
			.isThrownBy(() -> context.getBean(Orders.class).read())
			.withMessage("disk"));
	}

	@Test
	void aMethodThatIsNoOperationIsLeftAlone() {
		run((context) -> {
			assertThat(context.getBean(Orders.class).untouched()).isEqualTo("untouched");
			assertThat(context.getBean(CircuitBreakerRegistry.class).getAllCircuitBreakers()).isEmpty();
		});
	}

	@ParameterizedTest
	@ValueSource(classes = { NoSuchFallback.class, WrongParameters.class, WrongReturnType.class, BlankName.class })
	void anOperationThatCannotWorkFailsTheStart(Class<?> bean) {
		this.runner.withBean(bean)
			.run((context) -> assertThat(context).hasFailed()
				.getFailure()
				.rootCause()
				.isInstanceOf(InvalidResilientOperationException.class)
				.hasMessageContaining(bean.getName()));
	}

	@Test
	void anOperationHasSettingsOfItsOwn() {
		this.runner.withPropertyValues("db.resilience.operations.count.failure-threshold=2").run((context) -> {
			Orders orders = context.getBean(Orders.class);
			fails(() -> orders.count(outage()));
			assertThat(state(context, "count")).isEqualTo(State.CLOSED);
			fails(() -> orders.count(outage()));
			assertThat(state(context, "count")).isEqualTo(State.OPEN);
			for (int i = 0; i < 4; i++) {
				fails(() -> context.getBean(ResilientOperations.class).run("plain", outage()));
			}
			assertThat(state(context, "plain")).isEqualTo(State.CLOSED);
		});
	}

	@Test
	void whatAnOperationDoesNotSetItTakesFromTheCommonSettings() {
		this.runner
			.withPropertyValues("db.resilience.circuit-breaker.failure-threshold=3",
					"db.resilience.operations.count.half-open-calls=1")
			.run((context) -> {
				Orders orders = context.getBean(Orders.class);
				for (int i = 0; i < 3; i++) {
					fails(() -> orders.count(outage()));
				}
				assertThat(state(context, "count")).isEqualTo(State.OPEN);
			});
	}

	@ParameterizedTest
	@ValueSource(strings = { "disabled", "monitoring" })
	void anOperationWhoseBreakerIsNotEnabledIsNeverRejected(String mode) {
		this.runner.withPropertyValues("db.resilience.operations.count.mode=" + mode).run((context) -> {
			Orders orders = context.getBean(Orders.class);
			for (int i = 0; i < 20; i++) {
				fails(() -> orders.count(outage()));
			}
			assertThat(orders.count(() -> "done")).isEqualTo("done");
		});
	}

	@Test
	void otherBreakersOfTheFactoryStillCountExceptionsThatAreNotTheDatabases() {
		run((context) -> {
			CircuitBreakerFactory<?, ?> factory = context.getBean(CircuitBreakerFactory.class);
			for (int i = 0; i < 5; i++) {
				fails(() -> factory.create("remote").run(illegal()));
			}
			assertThat(state(context, "remote")).isEqualTo(State.OPEN);
		});
	}

	@Test
	void otherBreakersOfTheFactoryDoNotCountErrorsOfAServerThatAnswers() {
		run((context) -> {
			CircuitBreakerFactory<?, ?> factory = context.getBean(CircuitBreakerFactory.class);
			for (int i = 0; i < 20; i++) {
				fails(() -> factory.create("remote").run(sql("ERROR: duplicate key", "23505")));
			}
			assertThat(state(context, "remote")).isEqualTo(State.CLOSED);
		});
	}

	@Test
	void aFallbackOfTheFactoryRunsOnTheThreadOfItsCaller() {
		run((context) -> {
			CircuitBreakerFactory<?, ?> factory = context.getBean(CircuitBreakerFactory.class);
			Object thread = factory.create("remote").<Object>run(illegal(), (failure) -> Thread.currentThread());
			assertThat(thread).isSameAs(Thread.currentThread());
		});
	}

	@Test
	void anInstanceThatTheUserConfiguredWins() {
		this.runner
			.withPropertyValues("resilience4j.circuitbreaker.instances.count.sliding-window-size=2",
					"resilience4j.circuitbreaker.instances.count.minimum-number-of-calls=2")
			.run((context) -> {
				Orders orders = context.getBean(Orders.class);
				for (int i = 0; i < 2; i++) {
					fails(() -> orders.count(illegal()));
				}
				assertThat(state(context, "count")).isEqualTo(State.OPEN);
			});
	}

	@Test
	void aCustomizerOfTheUserWins() {
		this.runner.withUserConfiguration(UsersCustomizer.class).run((context) -> {
			Orders orders = context.getBean(Orders.class);
			for (int i = 0; i < 3; i++) {
				fails(() -> orders.count(illegal()));
			}
			assertThat(state(context, "count")).isEqualTo(State.OPEN);
		});
	}

	private void run(ContextConsumer<AssertableApplicationContext> test) {
		this.runner.run((context) -> {
			assertThat(context).hasNotFailed();
			test.accept(context);
		});
	}

	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration({ CircuitBreakerAutoConfiguration.class, TimeLimiterAutoConfiguration.class,
			Resilience4JAutoConfiguration.class, AopAutoConfiguration.class, DbResilienceAutoConfiguration.class })
	static class Application {

		@Bean
		Orders orders() {
			return new Orders();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class UsersCustomizer {

		@Bean
		Customizer<Resilience4JCircuitBreakerFactory> usersCustomizer() {
			return (factory) -> factory
				.configureDefault((id) -> new Resilience4JConfigBuilder(id)
					.circuitBreakerConfig(
							CircuitBreakerConfig.custom().slidingWindowSize(3).minimumNumberOfCalls(3).build())
					.build());
		}

	}

}
