// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.circuitbreaker;

import java.time.Duration;
import java.util.function.Function;
import java.util.function.Supplier;

import io.github.dbresilience.fault.DatabaseUnavailableException;
import io.github.dbresilience.fault.Fault;
import io.github.dbresilience.fault.FaultClassifier;
import io.github.dbresilience.fault.FaultKind;
import io.github.dbresilience.fault.Phase;
import io.github.dbresilience.retry.RetryScope;
import io.github.resilience4j.circuitbreaker.CallNotPermittedException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.cloud.client.circuitbreaker.CircuitBreaker;
import org.springframework.dao.DataAccessResourceFailureException;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/**
 * Runs named operations through circuit breakers of their own, on the caller's thread:
 * the template behind {@link ResilientOperation}. Thread-safe.
 */
public class ResilientOperations {

	private static final Logger logger = LoggerFactory.getLogger(ResilientOperations.class);

	private static final Duration RETRY_AFTER = Duration.ofSeconds(1);

	private final Function<String, CircuitBreaker> breakers;

	private final CircuitBreakerSettingsSource settings;

	ResilientOperations(Function<String, CircuitBreaker> breakers, CircuitBreakerSettingsSource settings) {
		this.breakers = breakers;
		this.settings = settings;
	}

	/**
	 * Runs an operation that has no fallback.
	 * @param <T> what it yields
	 * @param name the name of the operation, of its breaker and of its settings
	 * @param work the work
	 * @return the result
	 * @throws DataAccessResourceFailureException if the operation's breaker is open
	 */
	public <T> T run(String name, Supplier<T> work) {
		return breaker(name).run(work, (failure) -> {
			throw Rethrow.unchecked(explain(name, failure));
		});
	}

	/**
	 * Runs an operation that has a fallback. See {@link ResilientOperation} for when the
	 * fallback runs; otherwise the failure itself is thrown.
	 * @param <T> what it yields
	 * @param name the name of the operation, of its breaker and of its settings
	 * @param work the work, of which a single attempt is made
	 * @param fallback answers instead; it is given the failure
	 * @return the result of the work or of the fallback
	 */
	public <T> T run(String name, Supplier<T> work, Function<Throwable, T> fallback) {
		if (TransactionSynchronizationManager.isActualTransactionActive()) {
			return run(name, work);
		}
		RetryScope scope = new RetryScope();
		return breaker(name).run(() -> scope.run(work), (failure) -> {
			Throwable explained = explain(name, failure);
			if (scope.isOutcomeUnknown() || !isAvailability(explained)) {
				throw Rethrow.unchecked(explained);
			}
			logger.debug("{} - answering by the fallback: {}", name, explained.getMessage());
			return fallback.apply(explained);
		});
	}

	private CircuitBreaker breaker(String name) {
		this.settings.named(name);
		return this.breakers.apply(name);
	}

	private static Throwable explain(String name, @Nullable Throwable failure) {
		if (failure instanceof CallNotPermittedException refused
				&& name.equals(refused.getCausingCircuitBreakerName())) {
			String message = name + " - the circuit breaker of this operation is open";
			return new DataAccessResourceFailureException(message,
					new DatabaseUnavailableException(name, message, RETRY_AFTER, null));
		}
		return (failure != null) ? failure : new IllegalStateException(name + " - failed without a reason");
	}

	private static boolean isAvailability(Throwable failure) {
		return FaultClassifier.find(failure, Phase.IN_TRANSACTION)
			.map(Fault::kind)
			.map((kind) -> kind.countsForBreaker() || kind == FaultKind.POOL_EXHAUSTED
					|| kind == FaultKind.TOO_MANY_CONNECTIONS || kind == FaultKind.IDLE_SESSION_TIMEOUT)
			.orElse(false);
	}

}
