// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.circuitbreaker;

import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

import org.jspecify.annotations.Nullable;

import org.springframework.aop.support.AopUtils;
import org.springframework.aop.support.StaticMethodMatcherPointcut;
import org.springframework.core.MethodClassKey;
import org.springframework.core.annotation.AnnotatedElementUtils;
import org.springframework.util.ClassUtils;
import org.springframework.util.ReflectionUtils;

/**
 * Finds methods that are {@link ResilientOperation operations} and their fallbacks, when
 * a bean is made, so that a wrong fallback fails the start. Thread-safe.
 */
final class OperationMethods extends StaticMethodMatcherPointcut {

	private final Map<MethodClassKey, Optional<Operation>> operations = new ConcurrentHashMap<>();

	@Override
	public boolean matches(Method method, Class<?> targetClass) {
		return find(method, targetClass).isPresent();
	}

	Optional<Operation> find(Method method, Class<?> targetClass) {
		return this.operations.computeIfAbsent(new MethodClassKey(method, targetClass),
				(key) -> Optional.ofNullable(read(method, targetClass)));
	}

	private @Nullable Operation read(Method method, Class<?> targetClass) {
		Method specific = AopUtils.getMostSpecificMethod(method, ClassUtils.getUserClass(targetClass));
		ResilientOperation annotation = AnnotatedElementUtils.findMergedAnnotation(specific, ResilientOperation.class);
		if (annotation == null) {
			return null;
		}
		if (annotation.name().isBlank()) {
			throw new InvalidResilientOperationException(specific, "its name is empty");
		}
		return new Operation(annotation.name(), fallback(specific, annotation.fallbackMethod()));
	}

	private static @Nullable Method fallback(Method method, String name) {
		if (name.isEmpty()) {
			return null;
		}
		List<Class<?>> withFailure = new ArrayList<>(Arrays.asList(method.getParameterTypes()));
		withFailure.add(Throwable.class);
		Method fallback = ReflectionUtils.findMethod(method.getDeclaringClass(), name,
				withFailure.toArray(Class<?>[]::new));
		if (fallback == null) {
			fallback = ReflectionUtils.findMethod(method.getDeclaringClass(), name, method.getParameterTypes());
		}
		if (method.equals(fallback)) {
			throw new InvalidResilientOperationException(method, "it is its own fallback");
		}
		if (fallback == null) {
			throw new InvalidResilientOperationException(method, "no method '" + name
					+ "' of the class takes the same parameters, or the same followed by a Throwable");
		}
		if (!ClassUtils.isAssignable(method.getReturnType(), fallback.getReturnType())) {
			throw new InvalidResilientOperationException(method, "its fallback '" + name + "' returns "
					+ fallback.getReturnType().getTypeName() + ", not " + method.getReturnType().getTypeName());
		}
		ReflectionUtils.makeAccessible(fallback);
		return fallback;
	}

	/**
	 * An operation.
	 *
	 * @param name its name
	 * @param fallback the method that answers instead, {@code null} for none
	 */
	record Operation(String name, @Nullable Method fallback) {

		@Nullable Object answerInstead(@Nullable Object target, @Nullable Object[] arguments, Throwable failure) {
			if (this.fallback == null) {
				throw new IllegalStateException("No fallback");
			}
			@Nullable Object[] all = arguments;
			if (this.fallback.getParameterCount() > arguments.length) {
				all = Arrays.copyOf(arguments, arguments.length + 1);
				all[arguments.length] = failure;
			}
			try {
				return AopUtils.invokeJoinpointUsingReflection(target, this.fallback, all);
			}
			catch (Throwable ex) {
				throw Rethrow.unchecked(ex);
			}
		}

	}

}
