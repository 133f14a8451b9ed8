// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.circuitbreaker;

import io.github.dbresilience.circuitbreaker.Operations.Books;
import io.github.dbresilience.circuitbreaker.Operations.Catalogue;
import io.github.dbresilience.circuitbreaker.Operations.Orders;
import io.github.dbresilience.retry.RetryScope;
import io.github.resilience4j.circuitbreaker.CircuitBreaker.State;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.aop.support.AopUtils;
import org.springframework.boot.test.context.assertj.AssertableApplicationContext;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.context.runner.ContextConsumer;
import org.springframework.jdbc.UncategorizedSQLException;
import org.springframework.transaction.support.TransactionSynchronizationManager;

import static io.github.dbresilience.circuitbreaker.Operations.failFiveTimes;
import static io.github.dbresilience.circuitbreaker.Operations.illegal;
import static io.github.dbresilience.circuitbreaker.Operations.outage;
import static io.github.dbresilience.circuitbreaker.Operations.sql;
import static io.github.dbresilience.circuitbreaker.Operations.state;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.catchThrowable;

/**
 * When an operation is answered by its fallback, and when it is not.
 */
class OperationFallbackTests {

	private final ApplicationContextRunner runner = Operations.runner();

	@Test
	void aPrivateFallbackAnswersWhileTheBreakerIsOpenAndIsGivenTheFailure() {
		run((context) -> {
			Orders orders = context.getBean(Orders.class);
			open(context, "find");
			assertThat(orders.find(() -> "not run")).isEqualTo("fallback after [08001]");
		});
	}

	@Test
	void aFallbackNeedsNoParameterForTheFailure() {
		run((context) -> {
			Orders orders = context.getBean(Orders.class);
			open(context, "plain");
			assertThat(orders.plain(() -> "not run")).isEqualTo("plain fallback");
		});
	}

	@Test
	void anOperationBehindAnInterfaceHasAFallbackToo() {
		this.runner.withPropertyValues("spring.aop.proxy-target-class=false")
			.withBean("books", Catalogue.class, Books::new)
			.run((context) -> {
				Catalogue catalogue = context.getBean(Catalogue.class);
				assertThat(AopUtils.isJdkDynamicProxy(catalogue)).isTrue();
				assertThat(catalogue.title(() -> "Emma")).isEqualTo("Emma");
				open(context, "title");
				assertThat(catalogue.title(() -> "not run")).isEqualTo("untitled");
			});
	}

	@Test
	void theTemplateHasAFallbackToo() {
		run((context) -> {
			ResilientOperations operations = context.getBean(ResilientOperations.class);
			assertThat(operations.<Object>run("sum", () -> 42, (failure) -> "fallback")).isEqualTo(42);
			open(context, "sum");
			assertThat(operations.<Object>run("sum", () -> "not run", (failure) -> "fallback")).isEqualTo("fallback");
		});
	}

	@ParameterizedTest
	@ValueSource(strings = { "08007", "40003" })
	void thereIsNoFallbackForAnUnknownOutcome(String sqlState) {
		run((context) -> {
			Orders orders = context.getBean(Orders.class);
			Throwable thrown = catchThrowable(() -> orders.find(sql("it is not known", sqlState)));
			assertThat(thrown).isInstanceOf(UncategorizedSQLException.class);
		});
	}

	@ParameterizedTest
	@ValueSource(strings = { "23505", "42601", "57014", "40001", "28P01" })
	void thereIsNoFallbackForAnErrorThatIsNotTheDatabasesAvailability(String sqlState) {
		run((context) -> {
			Orders orders = context.getBean(Orders.class);
			assertThat(catchThrowable(() -> orders.find(sql("ERROR: no", sqlState))))
				.isInstanceOf(UncategorizedSQLException.class);
			assertThatIllegalArgumentException().isThrownBy(() -> orders.find(illegal()));
		});
	}

	@Test
	void thereIsNoFallbackInsideATransactionOfTheCaller() {
		run((context) -> {
			Orders orders = context.getBean(Orders.class);
			TransactionSynchronizationManager.setActualTransactionActive(true);
			try {
				assertThat(catchThrowable(() -> orders.find(outage()))).isInstanceOf(UncategorizedSQLException.class);
				assertThat(orders.find(RetryScope::isOpen)).isEqualTo(false);
			}
			finally {
				TransactionSynchronizationManager.setActualTransactionActive(false);
			}
		});
	}

	private static void open(AssertableApplicationContext context, String name) {
		ResilientOperations operations = context.getBean(ResilientOperations.class);
		failFiveTimes(() -> operations.run(name, outage()));
		assertThat(state(context, name)).isEqualTo(State.OPEN);
	}

	private void run(ContextConsumer<AssertableApplicationContext> test) {
		this.runner.run((context) -> {
			assertThat(context).hasNotFailed();
			test.accept(context);
		});
	}

}
