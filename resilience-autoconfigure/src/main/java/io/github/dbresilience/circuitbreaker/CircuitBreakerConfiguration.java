// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.circuitbreaker;

import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import io.github.resilience4j.circuitbreaker.CircuitBreakerRegistry;
import io.github.resilience4j.timelimiter.TimeLimiterConfig;

import org.springframework.aop.Advisor;
import org.springframework.aop.support.DefaultPointcutAdvisor;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
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
import org.springframework.core.env.Environment;

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
			ApplicationEventPublisher events, CircuitBreakerConfigs configs) {
		return new CircuitBreakers(registry.getIfAvailable(CircuitBreakerRegistry::ofDefaults), (event) -> {
			if (event.to() == CircuitBreakerState.CLOSED) {
				configs.databaseIsBack();
			}
			events.publishEvent(event);
		});
	}

	@Bean
	CircuitBreakerConfigs dbResilienceCircuitBreakerConfigs() {
		return new CircuitBreakerConfigs();
	}

	@Bean
	@Order(Ordered.HIGHEST_PRECEDENCE)
	Customizer<Resilience4JCircuitBreakerFactory> dbResilienceCircuitBreakerCustomizer(
			CircuitBreakerSettingsSource settings, CircuitBreakerConfigs configs, Environment environment) {
		boolean userDefault = Binder.get(environment)
			.bind("resilience4j.circuitbreaker.configs.default", Bindable.mapOf(String.class, Object.class))
			.isBound();
		return (factory) -> customize(factory, settings, configs, userDefault);
	}

	private static void customize(Resilience4JCircuitBreakerFactory factory, CircuitBreakerSettingsSource settings,
			CircuitBreakerConfigs configs, boolean userDefault) {
		TimeLimiterConfig unused = TimeLimiterConfig.ofDefaults();
		factory.getCircuitBreakerRegistry()
			.getEventPublisher()
			.onEntryAdded((event) -> configs.attach(event.getAddedEntry()));
		factory.configureDefault((id) -> {
			// Named, so that the factory does not warn of a time limiter that is not used
			factory.getTimeLimiterRegistry().addConfiguration(id, unused);
			return new Resilience4JConfigBuilder(id)
				.circuitBreakerConfig(config(id, factory, settings, configs, userDefault))
				.timeLimiterConfig(unused)
				.build();
		});
	}

	private static CircuitBreakerConfig config(String id, Resilience4JCircuitBreakerFactory factory,
			CircuitBreakerSettingsSource settings, CircuitBreakerConfigs configs, boolean userDefault) {
		if (settings.isOperation(id)) {
			return configs.forOperation(settings.get(id));
		}
		return userDefault ? factory.getCircuitBreakerRegistry().getDefaultConfig()
				: configs.forOther(settings.get(id));
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
