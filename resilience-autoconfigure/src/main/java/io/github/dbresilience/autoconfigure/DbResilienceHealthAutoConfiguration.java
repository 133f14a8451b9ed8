// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.autoconfigure;

import io.github.dbresilience.alert.Alerts;
import io.github.dbresilience.health.DbResilienceHealthContributor;
import io.github.dbresilience.health.ReadinessHealthIndicator;
import io.github.dbresilience.monitor.HealthMonitor;

import org.springframework.beans.factory.BeanFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.boot.actuate.endpoint.Show;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.health.autoconfigure.actuate.endpoint.HealthEndpointProperties;
import org.springframework.boot.health.autoconfigure.contributor.ConditionalOnEnabledHealthIndicator;
import org.springframework.boot.health.contributor.HealthContributor;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Conditional;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Role;

/**
 * Adds the health components {@code dbResilience} and {@code dbReadiness}, and the health
 * groups that have to do with them.
 */
@AutoConfiguration(after = DbResilienceAutoConfiguration.class)
@ConditionalOnClass({ HealthContributor.class, ConditionalOnEnabledHealthIndicator.class })
@ConditionalOnBean(HealthMonitor.class)
@ConditionalOnEnabledHealthIndicator("dbresilience")
public final class DbResilienceHealthAutoConfiguration {

	@Bean
	@ConditionalOnMissingBean(name = "dbResilienceHealthContributor")
	DbResilienceHealthContributor dbResilienceHealthContributor(HealthMonitor monitor, ObjectProvider<Alerts> alerts) {
		return new DbResilienceHealthContributor(monitor, FiringAlerts.of(alerts));
	}

	@Bean
	@ConditionalOnMissingBean(name = "dbReadinessHealthIndicator")
	@Conditional(OnReadinessCondition.class)
	ReadinessHealthIndicator dbReadinessHealthIndicator(HealthMonitor monitor, DbResilienceProperties properties) {
		return new ReadinessHealthIndicator(monitor, properties.readiness());
	}

	@Configuration(proxyBeanMethods = false)
	@ConditionalOnClass({ Show.class, HealthEndpointProperties.class })
	static class Groups {

		@Bean
		@Role(BeanDefinition.ROLE_INFRASTRUCTURE)
		static HealthGroupsBeanPostProcessor dbResilienceHealthGroups(BeanFactory beanFactory) {
			return new HealthGroupsBeanPostProcessor(beanFactory);
		}

	}

}
