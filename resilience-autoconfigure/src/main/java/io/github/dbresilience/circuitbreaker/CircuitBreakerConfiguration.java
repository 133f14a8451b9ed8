// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.circuitbreaker;

import io.github.resilience4j.circuitbreaker.CircuitBreakerRegistry;
import io.github.resilience4j.timelimiter.TimeLimiterConfig;

import org.springframework.aop.Advisor;
import org.springframework.aop.support.DefaultPointcutAdvisor;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.cloud.circuitbreaker.resilience4j.Resilience4JCircuitBreakerFactory;
import org.springframework.cloud.circuitbreaker.resilience4j.Resilience4JConfigBuilder;
import org.springframework.cloud.client.circuitbreaker.CircuitBreakerFactory;
import org.springframework.cloud.client.circuitbreaker.Customizer;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Role;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;

/**
 * Beans that need Resilience4j and Spring Cloud CircuitBreaker. They share one registry,
 * one classification of faults and the caller's thread.
 */
@Configuration(proxyBeanMethods = false)
public class CircuitBreakerConfiguration {

	/** Outside the retry and the transaction of the same method. */
	private static final int ORDER = Ordered.LOWEST_PRECEDENCE - 200;

	@Bean
	@ConditionalOnMissingBean
	CircuitBreakers dbResilienceCircuitBreakers(ObjectProvider<CircuitBreakerRegistry> registry,
			ApplicationEventPublisher events) {
		return new CircuitBreakers(registry.getIfAvailable(CircuitBreakerRegistry::ofDefaults), events::publishEvent);
	}

	@Bean
	@Order(Ordered.HIGHEST_PRECEDENCE)
	Customizer<Resilience4JCircuitBreakerFactory> dbResilienceCircuitBreakerCustomizer(
			CircuitBreakerSettingsSource settings) {
		CircuitBreakerConfigs configs = new CircuitBreakerConfigs();
		return (factory) -> customize(factory, settings, configs);
	}

	private static void customize(Resilience4JCircuitBreakerFactory factory, CircuitBreakerSettingsSource settings,
			CircuitBreakerConfigs configs) {
		TimeLimiterConfig unused = TimeLimiterConfig.ofDefaults();
		factory.getCircuitBreakerRegistry()
			.getEventPublisher()
			.onEntryAdded((event) -> configs.attach(event.getAddedEntry()));
		factory.configureDefault((id) -> {
			// Named, so that the factory does not warn of a time limiter that is not used
			factory.getTimeLimiterRegistry().addConfiguration(id, unused);
			CircuitBreakerSettings own = settings.get(id);
			return new Resilience4JConfigBuilder(id)
				.circuitBreakerConfig(settings.isOperation(id) ? configs.forOperation(own) : configs.forOther(own))
				.timeLimiterConfig(unused)
				.build();
		});
	}

	@Bean
	@ConditionalOnMissingBean
	ResilientOperations resilientOperations(ObjectProvider<CircuitBreakerFactory<?, ?>> factory,
			CircuitBreakerSettingsSource settings) {
		return new ResilientOperations((name) -> factory.getObject().create(name), settings);
	}

	@Bean
	@Role(BeanDefinition.ROLE_INFRASTRUCTURE)
	static Advisor resilientOperationAdvisor(ObjectProvider<ResilientOperations> template) {
		OperationMethods methods = new OperationMethods();
		DefaultPointcutAdvisor advisor = new DefaultPointcutAdvisor(methods,
				new ResilientOperationInterceptor(methods, template));
		advisor.setOrder(ORDER);
		return advisor;
	}

}
