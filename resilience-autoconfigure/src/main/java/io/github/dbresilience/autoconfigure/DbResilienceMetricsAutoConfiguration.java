// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.autoconfigure;

import io.github.dbresilience.metrics.DbResilienceMetrics;
import io.github.dbresilience.monitor.HealthMonitor;
import io.micrometer.core.instrument.binder.MeterBinder;

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
	DbResilienceMetrics dbResilienceMetrics(HealthMonitor monitor) {
		return new DbResilienceMetrics(monitor);
	}

}
