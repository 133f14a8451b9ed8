// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.circuitbreaker;

import java.io.IOException;
import java.sql.SQLException;
import java.util.function.Supplier;

import io.github.dbresilience.autoconfigure.DbResilienceAutoConfiguration;
import io.github.resilience4j.circuitbreaker.CircuitBreaker.State;
import io.github.resilience4j.circuitbreaker.CircuitBreakerRegistry;
import io.github.resilience4j.springboot.circuitbreaker.autoconfigure.CircuitBreakerAutoConfiguration;
import io.github.resilience4j.springboot.timelimiter.autoconfigure.TimeLimiterAutoConfiguration;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.aop.AopAutoConfiguration;
import org.springframework.boot.test.context.assertj.AssertableApplicationContext;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.cloud.circuitbreaker.resilience4j.Resilience4JAutoConfiguration;
import org.springframework.jdbc.UncategorizedSQLException;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

/**
 * Operations to test, and the application context around them.
 */
final class Operations {

	private Operations() {
	}

	static ApplicationContextRunner runner() {
		return new ApplicationContextRunner()
			.withConfiguration(AutoConfigurations.of(CircuitBreakerAutoConfiguration.class,
					TimeLimiterAutoConfiguration.class, Resilience4JAutoConfiguration.class, AopAutoConfiguration.class,
					DbResilienceAutoConfiguration.class))
			.withPropertyValues("spring.cloud.circuitbreaker.resilience4j.disable-thread-pool=true",
					"spring.cloud.circuitbreaker.bulkhead.resilience4j.enabled=false")
			.withBean(Orders.class);
	}

	static Supplier<Object> outage() {
		return sql("FATAL: the database system is starting up", "57P03");
	}

	static Supplier<Object> sql(String message, String sqlState) {
		return () -> {
			throw new UncategorizedSQLException("work", null, new SQLException(message, sqlState));
		};
	}

	static Supplier<Object> illegal() {
		return () -> {
			throw new IllegalArgumentException("no");
		};
	}

	static State state(AssertableApplicationContext context, String name) {
		return context.getBean(CircuitBreakerRegistry.class).find(name).orElseThrow().getState();
	}

	static void fails(ThrowingCallable work) {
		assertThat(catchThrowable(work)).isNotNull();
	}

	static void failFiveTimes(ThrowingCallable work) {
		for (int i = 0; i < 5; i++) {
			fails(work);
		}
	}

	static class Orders {

		@ResilientOperation(name = "count")
		Object count(Supplier<Object> work) {
			return work.get();
		}

		@ResilientOperation(name = "find", fallbackMethod = "findElsewhere")
		Object find(Supplier<Object> work) {
			return work.get();
		}

		@SuppressWarnings("unused")
		private Object findElsewhere(Supplier<Object> work, Throwable failure) {
			for (Throwable t = failure; t != null; t = t.getCause()) {
				if (t instanceof SQLException sql) {
					return "fallback after [" + sql.getSQLState() + "]";
				}
			}
			return "fallback";
		}

		@ResilientOperation(name = "plain", fallbackMethod = "plainly")
		Object plain(Supplier<Object> work) {
			return work.get();
		}

		String plainly(Supplier<Object> work) {
			return "plain fallback";
		}

		@ResilientOperation(name = "read")
		Object read() throws IOException {
			throw new IOException("disk");
		}

		String untouched() {
			return "untouched";
		}

	}

	interface Catalogue {

		Object title(Supplier<Object> work);

	}

	static class Books implements Catalogue {

		@Override
		@ResilientOperation(name = "title", fallbackMethod = "untitled")
		public Object title(Supplier<Object> work) {
			return work.get();
		}

		@SuppressWarnings("unused")
		private String untitled(Supplier<Object> work) {
			return "untitled";
		}

	}

	static class NoSuchFallback {

		@ResilientOperation(name = "work", fallbackMethod = "missing")
		String work() {
			return "";
		}

	}

	static class WrongParameters {

		@ResilientOperation(name = "work", fallbackMethod = "otherwise")
		String work(String what) {
			return what;
		}

		String otherwise(int what) {
			return "";
		}

	}

	static class WrongReturnType {

		@ResilientOperation(name = "work", fallbackMethod = "otherwise")
		String work() {
			return "";
		}

		Integer otherwise() {
			return 0;
		}

	}

	static class BlankName {

		@ResilientOperation(name = " ")
		String work() {
			return "";
		}

	}

}
