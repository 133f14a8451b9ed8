// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.autoconfigure;

import io.github.dbresilience.alert.Alerts;
import io.github.dbresilience.endpoint.DbResilienceEndpoint;
import io.github.dbresilience.endpoint.DbResilienceWebEndpointExtension;
import io.github.dbresilience.monitor.HealthMonitor;

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
	DbResilienceEndpoint dbResilienceEndpoint(HealthMonitor monitor, ObjectProvider<Alerts> alerts) {
		return new DbResilienceEndpoint(monitor, (watched) -> watched, FiringAlerts.of(alerts));
	}

	@Bean
	@ConditionalOnMissingBean
	@ConditionalOnAvailableEndpoint(exposure = EndpointExposure.WEB)
	DbResilienceWebEndpointExtension dbResilienceWebEndpointExtension(DbResilienceEndpoint endpoint) {
		return new DbResilienceWebEndpointExtension(endpoint);
	}

}
