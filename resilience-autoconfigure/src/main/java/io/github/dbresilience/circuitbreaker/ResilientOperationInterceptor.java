// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.circuitbreaker;

import java.util.function.Supplier;

import io.github.dbresilience.circuitbreaker.OperationMethods.Operation;
import org.aopalliance.intercept.MethodInterceptor;
import org.aopalliance.intercept.MethodInvocation;
import org.jspecify.annotations.Nullable;

import org.springframework.aop.support.AopUtils;
import org.springframework.beans.factory.ObjectProvider;

/**
 * Runs a method that is a {@link ResilientOperation} through {@link ResilientOperations}.
 */
final class ResilientOperationInterceptor implements MethodInterceptor {

	private final OperationMethods methods;

	private final ObjectProvider<ResilientOperations> template;

	ResilientOperationInterceptor(OperationMethods methods, ObjectProvider<ResilientOperations> template) {
		this.methods = methods;
		this.template = template;
	}

	@Override
	public @Nullable Object invoke(MethodInvocation invocation) throws Throwable {
		Object target = invocation.getThis();
		Class<?> targetClass = (target != null) ? AopUtils.getTargetClass(target)
				: invocation.getMethod().getDeclaringClass();
		Operation operation = this.methods.find(invocation.getMethod(), targetClass).orElse(null);
		if (operation == null) {
			return invocation.proceed();
		}
		Supplier<@Nullable Object> work = () -> proceed(invocation);
		if (operation.fallback() == null) {
			return this.template.getObject().run(operation.name(), work);
		}
		return this.template.getObject()
			.run(operation.name(), work,
					(failure) -> operation.answerInstead(target, invocation.getArguments(), failure));
	}

	private static @Nullable Object proceed(MethodInvocation invocation) {
		try {
			return invocation.proceed();
		}
		catch (Throwable ex) {
			throw Rethrow.unchecked(ex);
		}
	}

}
