// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.autoconfigure;

import java.util.List;
import java.util.function.Supplier;

import io.github.dbresilience.alert.AlertEvent;
import io.github.dbresilience.endpoint.DbResilienceEndpoint;
import io.github.dbresilience.endpoint.DbResilienceWebEndpointExtension;
import io.github.dbresilience.monitor.HealthMonitor;
import io.github.dbresilience.monitor.MonitorControl;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.actuate.autoconfigure.endpoint.condition.ConditionalOnAvailableEndpoint;
import org.springframework.boot.actuate.autoconfigure.endpoint.expose.EndpointExposure;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;

/**
 * Adds the actuator endpoint {@code dbresilience} where it is exposed.
 */
@AutoConfiguration(after = DbResilienceAutoConfiguration.class)
@ConditionalOnClass(ConditionalOnAvailableEndpoint.class)
@ConditionalOnBean(HealthMonitor.class)
@ConditionalOnAvailableEndpoint(DbResilienceEndpoint.class)
public final class DbResilienceEndpointAutoConfiguration {

	@Bean
	@ConditionalOnMissingBean
	DbResilienceEndpoint dbResilienceEndpoint(HealthMonitor monitor,
			ObjectProvider<Supplier<List<AlertEvent>>> alerts) {
		return new DbResilienceEndpoint(monitor, (watched) -> control(watched), alerts.getIfAvailable(() -> List::of));
	}

	@Bean
	@ConditionalOnMissingBean
	@ConditionalOnAvailableEndpoint(exposure = EndpointExposure.WEB)
	DbResilienceWebEndpointExtension dbResilienceWebEndpointExtension(DbResilienceEndpoint endpoint) {
		return new DbResilienceWebEndpointExtension(endpoint);
	}

	private static MonitorControl control(Object watched) {
		if (watched instanceof MonitorControl control) {
			return control;
		}
		throw new IllegalStateException("This monitor cannot be controlled");
	}

}
