// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.retry;

import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.function.Supplier;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.aop.support.AopUtils;
import org.springframework.core.MethodIntrospector;
import org.springframework.core.annotation.AnnotatedElementUtils;
import org.springframework.util.ClassUtils;

/**
 * Refuses a bean with {@link RetryableTransaction} where it cannot work, when the bean is
 * made.
 */
final class RetryableTransactionCheck {

	private static final Logger logger = LoggerFactory.getLogger(RetryableTransactionCheck.class);

	private final Object bean;

	private final TransactionMethods methods;

	private final Supplier<TransactionRetryer> retryer;

	RetryableTransactionCheck(Object bean, TransactionMethods methods, Supplier<TransactionRetryer> retryer) {
		this.bean = bean;
		this.methods = methods;
		this.retryer = retryer;
	}

	void check() {
		Class<?> target = ClassUtils.getUserClass(AopUtils.getTargetClass(this.bean));
		Set<Class<?>> types = new LinkedHashSet<>();
		types.add(target);
		types.addAll(ClassUtils.getAllInterfacesForClassAsSet(this.bean.getClass()));
		for (Class<?> type : types) {
			if (!isForeign(type)) {
				check(type, target);
			}
		}
	}

	private static boolean isForeign(Class<?> type) {
		return type.getName().startsWith("org.springframework.") || type.getName().startsWith("java.")
				|| type.getName().startsWith("jakarta.");
	}

	private void check(Class<?> type, Class<?> target) {
		Set<Method> annotated = MethodIntrospector.selectMethods(type,
				(Method method) -> AnnotatedElementUtils.hasAnnotation(method, RetryableTransaction.class));
		annotated.forEach((method) -> check(method, target));
		if (AnnotatedElementUtils.hasAnnotation(type, RetryableTransaction.class)) {
			Set<Method> transactional = MethodIntrospector.selectMethods(type,
					(Method method) -> this.methods.find(method, target) != null);
			if (transactional.isEmpty()) {
				throw new InvalidRetryableTransactionException(type.getName(),
						"none of its methods is transactional, or its proxy does not show it");
			}
			transactional.forEach((method) -> check(method, target));
		}
	}

	private void check(Method method, Class<?> target) {
		String place = target.getName() + "." + method.getName();
		int modifiers = method.getModifiers();
		if (Modifier.isPrivate(modifiers) || Modifier.isStatic(modifiers)) {
			throw new InvalidRetryableTransactionException(place,
					"a proxy does not see a " + (Modifier.isStatic(modifiers) ? "static" : "private") + " method");
		}
		if (Modifier.isFinal(modifiers) && !AopUtils.isJdkDynamicProxy(this.bean)) {
			throw new InvalidRetryableTransactionException(place, "a proxy does not see a final method");
		}
		TransactionMethod found = this.methods.find(method, target);
		if (found == null) {
			throw new InvalidRetryableTransactionException(place,
					"the method has no transaction; it is not @Transactional, or nothing makes a proxy for it");
		}
		if (AopUtils.isJdkDynamicProxy(this.bean)
				&& !ClassUtils.hasMethod(this.bean.getClass(), method.getName(), method.getParameterTypes())) {
			throw new InvalidRetryableTransactionException(place,
					"the method is in no interface, and the proxy of the bean has its interfaces only");
		}
		if (!found.begins()) {
			throw new InvalidRetryableTransactionException(place,
					"a method whose propagation is neither REQUIRED, REQUIRES_NEW nor NESTED begins no transaction");
		}
		warn(found);
	}

	private void warn(TransactionMethod method) {
		if (method.ownRetry() != null) {
			logger.warn("{} has @{} of its own; @RetryableTransaction is ignored there", method.work().name(),
					method.ownRetry());
		}
		else if (!this.retryer.get().isRetried(method.work().kind())) {
			logger.warn("{} has @RetryableTransaction but is not tried again: db.resilience.retry.transactions={}",
					method.work().name(), this.retryer.get().transactions().name().toLowerCase().replace('_', '-'));
		}
	}

}
