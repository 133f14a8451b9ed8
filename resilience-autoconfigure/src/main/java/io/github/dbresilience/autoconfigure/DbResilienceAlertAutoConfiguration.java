// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.autoconfigure;

import java.time.Clock;

import io.github.dbresilience.alert.AlertListener;
import io.github.dbresilience.alert.AlertSettings;
import io.github.dbresilience.alert.Alerts;
import io.github.dbresilience.alert.Sinks;
import io.github.dbresilience.monitor.HealthMonitor;
import io.github.dbresilience.threshold.RecyclingListener;
import io.github.dbresilience.threshold.AlertSource;
import io.github.dbresilience.threshold.ThresholdEngine;
import io.github.dbresilience.threshold.ThresholdWatch;

import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.boot.LazyInitializationExcludeFilter;
import org.springframework.boot.actuate.endpoint.SanitizingFunction;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;

/**
 * Watches thresholds and tells of alerts.
 */
@AutoConfiguration(after = DbResilienceAutoConfiguration.class)
@ConditionalOnBean(HealthMonitor.class)
@ConditionalOnBooleanProperty(name = "db.resilience.alerts.enabled", matchIfMissing = true)
public final class DbResilienceAlertAutoConfiguration {

	@Bean
	@ConditionalOnMissingBean
	Alerts dbResilienceAlerts(DbResilienceProperties properties, HealthMonitor monitor,
			ApplicationEventPublisher publisher) {
		AlertSettings settings = properties.alerts();
		Alerts alerts = new Alerts(settings.queueCapacity());
		Sinks.addTo(alerts, settings);
		alerts.add("spring-events", publisher::publishEvent);
		alerts.add("recycling", new RecyclingListener(monitor, properties.health().recycleOn(), Clock.systemUTC()));
		return alerts;
	}

	/**
	 * Listeners may need anything, alerts included, so they are added when all beans are
	 * there.
	 */
	@Bean
	SmartInitializingSingleton dbResilienceAlertListeners(ListableBeanFactory beanFactory, Alerts alerts) {
		return () -> beanFactory.getBeansOfType(AlertListener.class).forEach(alerts::add);
	}

	@Bean
	@ConditionalOnMissingBean
	ThresholdEngine dbResilienceThresholdEngine(DbResilienceProperties properties, Environment environment) {
		SettingsResolver settings = new SettingsResolver(environment);
		settings.checkThresholds();
		return new ThresholdEngine(settings::thresholds,
				new AlertSource(environment.getProperty("spring.application.name", ""),
						AlertInstance.name(properties.alerts().instance(), environment)),
				Clock.systemUTC());
	}

	@Bean
	@ConditionalOnMissingBean
	ThresholdWatch dbResilienceThresholdWatch(HealthMonitor monitor, ThresholdEngine engine, Alerts alerts) {
		return new ThresholdWatch(monitor, engine, alerts, Clock.systemUTC());
	}

	@Bean
	static LazyInitializationExcludeFilter dbResilienceEagerAlertBeans() {
		return LazyInitializationExcludeFilter.forBeanTypes(ThresholdWatch.class);
	}

	/**
	 * Where the actuator shows values, it does not show secrets.
	 */
	@Configuration(proxyBeanMethods = false)
	@ConditionalOnClass(SanitizingFunction.class)
	static class HiddenSecrets {

		@Bean
		SanitizingFunction dbResilienceAlertSanitizingFunction() {
			return SanitizingFunction.sanitizeValue().ifKeyMatches(AlertSecrets::isSecret);
		}

	}

}
