// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.retry;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

import org.aopalliance.aop.Advice;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.aop.Advisor;
import org.springframework.aop.SpringProxy;
import org.springframework.aop.TargetSource;
import org.springframework.aop.framework.Advised;
import org.springframework.aop.framework.AopInfrastructureBean;
import org.springframework.aop.support.DefaultPointcutAdvisor;
import org.springframework.beans.factory.config.SmartInstantiationAwareBeanPostProcessor;
import org.springframework.core.Ordered;
import org.springframework.transaction.interceptor.TransactionInterceptor;

/**
 * Puts a {@link TransactionRetryInterceptor} directly before the transaction interceptor
 * of every proxy that has one, however it came there: by {@code @Transactional}, by a
 * pointcut of the user's, or in a repository. Thread-safe.
 */
public final class TransactionRetryPostProcessor implements SmartInstantiationAwareBeanPostProcessor, Ordered {

	private static final Logger logger = LoggerFactory.getLogger(TransactionRetryPostProcessor.class);

	private final Supplier<TransactionRetryer> retryer;

	private final Set<String> earlyReferences = ConcurrentHashMap.newKeySet();

	/**
	 * Creates the post-processor.
	 * @param retryer runs transactions; asked for when the first one runs
	 */
	public TransactionRetryPostProcessor(Supplier<TransactionRetryer> retryer) {
		this.retryer = retryer;
	}

	/**
	 * After everything that makes proxies.
	 */
	@Override
	public int getOrder() {
		return Ordered.LOWEST_PRECEDENCE;
	}

	@Override
	public Object getEarlyBeanReference(Object bean, String beanName) {
		this.earlyReferences.add(beanName);
		return process(bean, beanName);
	}

	@Override
	public Object postProcessAfterInitialization(Object bean, String beanName) {
		return this.earlyReferences.remove(beanName) ? bean : process(bean, beanName);
	}

	private Object process(Object bean, String beanName) {
		if (bean instanceof AopInfrastructureBean) {
			return bean;
		}
		Advised proxy = transactional(bean);
		TransactionMethods methods = (proxy != null) ? methods(proxy)
				: new TransactionMethods(List.of(), new Class<?>[0]);
		if (proxy != null) {
			insert(proxy, methods, beanName);
		}
		else if (bean instanceof SpringProxy && !(bean instanceof Advised)) {
			logger.debug("{} - is an opaque proxy; if it has transactions they are not tried again", beanName);
		}
		new RetryableTransactionCheck(bean, methods, this.retryer).check();
		return bean;
	}

	/**
	 * The proxy, of those that may be around a bean, that begins transactions.
	 */
	private static @Nullable Advised transactional(Object bean) {
		Object candidate = bean;
		while (candidate instanceof Advised advised) {
			if (position(advised) >= 0) {
				return advised;
			}
			TargetSource source = advised.getTargetSource();
			candidate = source.isStatic() ? target(source) : null;
		}
		return null;
	}

	private static @Nullable Object target(TargetSource source) {
		try {
			return source.getTarget();
		}
		catch (Exception ex) {
			throw new IllegalStateException("A static target source has no target", ex);
		}
	}

	private static int position(Advised advised) {
		Advisor[] advisors = advised.getAdvisors();
		for (int i = 0; i < advisors.length; i++) {
			if (advisors[i].getAdvice() instanceof TransactionInterceptor) {
				return i;
			}
		}
		return -1;
	}

	private static TransactionMethods methods(Advised advised) {
		List<TransactionInterceptor> interceptors = new ArrayList<>();
		for (Advisor advisor : advised.getAdvisors()) {
			if (advisor.getAdvice() instanceof TransactionInterceptor interceptor) {
				interceptors.add(interceptor);
			}
		}
		return new TransactionMethods(interceptors, advised.getProxiedInterfaces());
	}

	private void insert(Advised advised, TransactionMethods methods, String beanName) {
		if (advised.isFrozen()) {
			logger.warn("{} - its proxy is frozen, so its transactions are not tried again", beanName);
			return;
		}
		for (Advisor advisor : advised.getAdvisors()) {
			if (advisor.getAdvice() instanceof TransactionRetryInterceptor) {
				return;
			}
		}
		Advice advice = new TransactionRetryInterceptor(methods, this.retryer);
		advised.addAdvisor(position(advised), new DefaultPointcutAdvisor(advice));
	}

}
