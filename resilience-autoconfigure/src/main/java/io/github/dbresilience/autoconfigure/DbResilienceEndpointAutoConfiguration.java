// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.autoconfigure;

import io.github.dbresilience.datasource.ResilientDataSources;
import io.github.dbresilience.endpoint.DbResilienceEndpoint;

import org.springframework.boot.actuate.autoconfigure.endpoint.condition.ConditionalOnAvailableEndpoint;
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
@ConditionalOnBean(ResilientDataSources.class)
@ConditionalOnAvailableEndpoint(DbResilienceEndpoint.class)
public final class DbResilienceEndpointAutoConfiguration {

	@Bean
	@ConditionalOnMissingBean
	DbResilienceEndpoint dbResilienceEndpoint(ResilientDataSources dataSources) {
		return new DbResilienceEndpoint(dataSources);
	}

}
