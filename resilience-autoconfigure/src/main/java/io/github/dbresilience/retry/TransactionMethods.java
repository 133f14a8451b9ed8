// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.retry;

import java.lang.reflect.AnnotatedElement;
import java.lang.reflect.Method;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

import org.jspecify.annotations.Nullable;

import org.springframework.aop.support.AopUtils;
import org.springframework.boot.convert.DurationStyle;
import org.springframework.core.MethodClassKey;
import org.springframework.core.annotation.AnnotatedElementUtils;
import org.springframework.core.annotation.MergedAnnotations;
import org.springframework.core.annotation.MergedAnnotations.SearchStrategy;
import org.springframework.transaction.interceptor.TransactionAttribute;
import org.springframework.transaction.interceptor.TransactionAttributeSource;
import org.springframework.transaction.interceptor.TransactionInterceptor;
import org.springframework.util.ClassUtils;

/**
 * Finds the methods of one proxy that run in a transaction, by the rules of the proxy's
 * own transaction interceptors. Thread-safe.
 */
final class TransactionMethods {

	/** By name, as each of the libraries may be missing. */
	private static final List<String> OWN_RETRIES = List.of("org.springframework.retry.annotation.Retryable",
			"org.springframework.resilience.annotation.Retryable", "io.github.resilience4j.retry.annotation.Retry");

	private static final Duration LONGEST = Duration.ofHours(1);

	private final List<TransactionInterceptor> interceptors;

	private final Class<?>[] interfaces;

	private final Map<MethodClassKey, Optional<TransactionMethod>> methods = new ConcurrentHashMap<>();

	/**
	 * Creates the methods of a proxy.
	 * @param interceptors its transaction interceptors, in their order
	 * @param interfaces the interfaces of the proxy, which its target need not have
	 */
	TransactionMethods(List<TransactionInterceptor> interceptors, Class<?>[] interfaces) {
		this.interceptors = List.copyOf(interceptors);
		this.interfaces = interfaces;
	}

	@Nullable TransactionMethod find(Method method, Class<?> targetClass) {
		MethodClassKey key = new MethodClassKey(method, targetClass);
		Optional<TransactionMethod> known = this.methods.get(key);
		if (known == null) {
			known = Optional.ofNullable(read(method, targetClass));
			this.methods.put(key, known);
		}
		return known.orElse(null);
	}

	private @Nullable TransactionMethod read(Method method, Class<?> targetClass) {
		TransactionAttribute attribute = attribute(method, targetClass);
		if (attribute == null) {
			return null;
		}
		String name = ClassUtils.getShortName(named(method, targetClass)) + "." + method.getName();
		List<AnnotatedElement> places = places(method, targetClass);
		RetryableTransaction optIn = optIn(places);
		return new TransactionMethod(work(name, attribute, optIn), attribute.getPropagationBehavior(), optIn,
				ownRetry(places));
	}

	private @Nullable TransactionAttribute attribute(Method method, Class<?> targetClass) {
		for (TransactionInterceptor interceptor : this.interceptors) {
			TransactionAttributeSource source = interceptor.getTransactionAttributeSource();
			TransactionAttribute attribute = (source != null) ? source.getTransactionAttribute(method, targetClass)
					: null;
			if (attribute != null) {
				return attribute;
			}
		}
		return null;
	}

	/**
	 * A repository is known by its interface.
	 */
	private Class<?> named(Method method, Class<?> targetClass) {
		return Arrays.stream(this.interfaces)
			.filter((type) -> method.getDeclaringClass().isAssignableFrom(type) && !type.isAssignableFrom(targetClass))
			.findFirst()
			.orElse(targetClass);
	}

	private List<AnnotatedElement> places(Method method, Class<?> targetClass) {
		Class<?> userClass = ClassUtils.getUserClass(targetClass);
		List<AnnotatedElement> places = new ArrayList<>(
				List.of(AopUtils.getMostSpecificMethod(method, userClass), method, userClass));
		for (Class<?> type : this.interfaces) {
			if (method.getDeclaringClass().isAssignableFrom(type)) {
				places.add(type);
			}
		}
		return places;
	}

	private static @Nullable RetryableTransaction optIn(List<AnnotatedElement> places) {
		for (AnnotatedElement place : places) {
			RetryableTransaction found = AnnotatedElementUtils.findMergedAnnotation(place, RetryableTransaction.class);
			if (found != null) {
				return found;
			}
		}
		return null;
	}

	private static @Nullable String ownRetry(List<AnnotatedElement> places) {
		for (AnnotatedElement place : places) {
			MergedAnnotations annotations = MergedAnnotations.from(place, SearchStrategy.TYPE_HIERARCHY);
			for (String name : OWN_RETRIES) {
				if (annotations.isPresent(name)) {
					return name;
				}
			}
		}
		return null;
	}

	private static RetryableWork work(String name, TransactionAttribute attribute,
			@Nullable RetryableTransaction optIn) {
		TransactionKind kind = (optIn != null) ? TransactionKind.OPTED_IN : TransactionKind.WRITING;
		if (attribute.isReadOnly()) {
			kind = TransactionKind.READ_ONLY;
		}
		Duration timeout = (attribute.getTimeout() > 0) ? Duration.ofSeconds(attribute.getTimeout()) : null;
		if (optIn == null) {
			return new RetryableWork(name, kind, timeout, null, null);
		}
		Duration maxDuration = duration(name, "maxDuration", optIn.maxDuration());
		return new RetryableWork(name, kind, (timeout != null) ? timeout : maxDuration, maxAttempts(name, optIn),
				duration(name, "initialInterval", optIn.initialInterval()));
	}

	private static @Nullable Integer maxAttempts(String name, RetryableTransaction optIn) {
		if (optIn.maxAttempts() == -1) {
			return null;
		}
		if (optIn.maxAttempts() < 1 || optIn.maxAttempts() > 1000) {
			throw new InvalidRetryableTransactionException(name, "maxAttempts must be between 1 and 1000");
		}
		return optIn.maxAttempts();
	}

	private static @Nullable Duration duration(String name, String attribute, String value) {
		if (value.isEmpty()) {
			return null;
		}
		Duration duration;
		try {
			duration = DurationStyle.detectAndParse(value);
		}
		catch (IllegalArgumentException ex) {
			throw new InvalidRetryableTransactionException(name,
					attribute + " '" + value + "' is not a duration such as 500ms or 10s");
		}
		if (duration.toMillis() < 1 || duration.compareTo(LONGEST) > 0) {
			throw new InvalidRetryableTransactionException(name, attribute + " must be between 1ms and 1h");
		}
		return duration;
	}

}
