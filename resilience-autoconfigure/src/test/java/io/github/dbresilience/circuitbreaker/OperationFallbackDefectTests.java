// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.circuitbreaker;

import io.github.dbresilience.circuitbreaker.Operations.Books;
import io.github.dbresilience.circuitbreaker.Operations.Catalogue;
import io.github.dbresilience.circuitbreaker.Operations.Orders;
import io.github.resilience4j.circuitbreaker.CircuitBreaker.State;
import io.github.resilience4j.circuitbreaker.CircuitBreakerRegistry;
import org.junit.jupiter.api.Test;

import org.springframework.aop.support.AopUtils;
import org.springframework.boot.test.context.assertj.AssertableApplicationContext;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.context.runner.ContextConsumer;

import static io.github.dbresilience.circuitbreaker.Operations.failFiveTimes;
import static io.github.dbresilience.circuitbreaker.Operations.outage;
import static io.github.dbresilience.circuitbreaker.Operations.state;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * A fallback that has to answer a failure while the breaker is still closed.
 */
class OperationFallbackDefectTests {

	private final ApplicationContextRunner runner = Operations.runner();

	@Test
	void aFallbackAnswersWhileTheDatabaseIsAwayAndIsGivenTheFailure() {
		run((context) -> {
			Orders orders = context.getBean(Orders.class);
			assertThat(orders.find(outage())).isEqualTo("fallback after [57P03]");
			for (int i = 0; i < 4; i++) {
				orders.find(outage());
			}
			assertThat(state(context, "find")).isEqualTo(State.OPEN);
			assertThat(orders.find(() -> "not run")).isEqualTo("fallback after [08001]");
		});
	}

	@Test
	void aFallbackNeedsNoParameterForTheFailure() {
		run((context) -> assertThat(context.getBean(Orders.class).plain(outage())).isEqualTo("plain fallback"));
	}

	@Test
	void anOperationBehindAnInterfaceWorksToo() {
		this.runner.withPropertyValues("spring.aop.proxy-target-class=false")
			.withBean("books", Catalogue.class, Books::new)
			.run((context) -> {
				Catalogue catalogue = context.getBean(Catalogue.class);
				assertThat(AopUtils.isJdkDynamicProxy(catalogue)).isTrue();
				assertThat(catalogue.title(outage())).isEqualTo("untitled");
				assertThat(context.getBean(CircuitBreakerRegistry.class).find("title")).isPresent();
			});
	}

	@Test
	void theTemplateDoesWhatTheAnnotationDoes() {
		run((context) -> {
			ResilientOperations operations = context.getBean(ResilientOperations.class);
			assertThat(operations.run("sum", () -> 42)).isEqualTo(42);
			assertThat(operations.<Object>run("sum", outage(), (failure) -> "fallback")).isEqualTo("fallback");
			failFiveTimes(() -> operations.run("sum", outage()));
			assertThat(state(context, "sum")).isEqualTo(State.OPEN);
			assertThat(operations.<Object>run("sum", () -> "not run", (failure) -> "fallback")).isEqualTo("fallback");
		});
	}

	private void run(ContextConsumer<AssertableApplicationContext> test) {
		this.runner.run((context) -> {
			assertThat(context).hasNotFailed();
			test.accept(context);
		});
	}

}
