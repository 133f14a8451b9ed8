// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.retry;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

import org.aopalliance.intercept.MethodInterceptor;
import org.aopalliance.intercept.MethodInvocation;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.aop.ProxyMethodInvocation;
import org.springframework.aop.support.AopUtils;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/**
 * Runs the transactional methods of one proxy through {@link TransactionRetryer}, each
 * attempt on a clone of the invocation. Thread-safe.
 */
final class TransactionRetryInterceptor implements MethodInterceptor {

	private static final Logger logger = LoggerFactory.getLogger(TransactionRetryInterceptor.class);

	private final TransactionMethods methods;

	private final Supplier<TransactionRetryer> retryer;

	private final Set<String> warned = ConcurrentHashMap.newKeySet();

	TransactionRetryInterceptor(TransactionMethods methods, Supplier<TransactionRetryer> retryer) {
		this.methods = methods;
		this.retryer = retryer;
	}

	@Override
	@SuppressWarnings("NullAway") // it does not see that a type argument may be nullable
	public @Nullable Object invoke(MethodInvocation invocation) throws Throwable {
		Object target = invocation.getThis();
		Class<?> targetClass = (target != null) ? AopUtils.getTargetClass(target)
				: invocation.getMethod().getDeclaringClass();
		TransactionMethod method = this.methods.find(invocation.getMethod(), targetClass);
		if (method == null || !method.begins()) {
			return invocation.proceed();
		}
		TransactionRetryer transactions = this.retryer.get();
		if (TransactionSynchronizationManager.isActualTransactionActive()) {
			checkInside(method, transactions);
			return invocation.proceed();
		}
		if (method.ownRetry() != null) {
			return transactions.runOnce(method.work(), invocation::proceed);
		}
		return transactions.<@Nullable Object, Throwable>runChecked(method.work(),
				() -> ((ProxyMethodInvocation) invocation).invocableClone().proceed(),
				(work) -> unrepeatable(work, invocation));
	}

	private static void checkInside(TransactionMethod method, TransactionRetryer transactions) {
		if (method.optIn() != null && method.ownRetry() == null && !RetryScope.isInAttempt()
				&& transactions.isRefusedInside() && transactions.isRetried(method.work().kind())) {
			throw new RetryInsideTransactionException(method.work().name());
		}
	}

	private @Nullable String unrepeatable(RetryableWork work, MethodInvocation invocation) {
		String argument = Arguments.unrepeatable(invocation.getArguments(), work.kind());
		if (argument != null && this.warned.add(work.name())) {
			logger.warn(
					"{} failed by the database and is not tried again, as it is given {}. Let it take ids and values",
					work.name(), argument);
		}
		return (argument != null) ? "it is given " + argument : null;
	}

}
