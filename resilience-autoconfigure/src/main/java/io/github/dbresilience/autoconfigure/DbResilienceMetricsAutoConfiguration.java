// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.autoconfigure;

import java.util.List;

import io.github.dbresilience.alert.Alerts;
import io.github.dbresilience.metrics.DbResilienceMetrics;
import io.github.dbresilience.metrics.ListenerMeters;
import io.github.dbresilience.monitor.HealthMonitor;
import io.micrometer.core.instrument.binder.MeterBinder;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;

/**
 * Adds the meters {@code db.resilience.*}.
 */
@AutoConfiguration(after = DbResilienceAutoConfiguration.class)
@ConditionalOnClass(MeterBinder.class)
@ConditionalOnBean(HealthMonitor.class)
public final class DbResilienceMetricsAutoConfiguration {

	@Bean
	@ConditionalOnMissingBean
	DbResilienceMetrics dbResilienceMetrics(HealthMonitor monitor, ObjectProvider<Alerts> alerts) {
		return new DbResilienceMetrics(monitor, FiringAlerts.of(alerts));
	}

	@Bean
	@ConditionalOnMissingBean
	ListenerMeters dbResilienceListenerMeters(ObjectProvider<Alerts> alerts) {
		Alerts present = alerts.getIfAvailable();
		return new ListenerMeters((present != null) ? present::statistics : List::of);
	}

}
