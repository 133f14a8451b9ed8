// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.autoconfigure;

import java.time.Clock;

import io.github.dbresilience.health.DbResilienceHealthContributor;
import io.github.dbresilience.monitor.HealthMonitor;

import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.health.autoconfigure.contributor.ConditionalOnEnabledHealthIndicator;
import org.springframework.boot.health.contributor.HealthContributor;
import org.springframework.context.annotation.Bean;

/**
 * Adds the health component {@code dbResilience}.
 */
@AutoConfiguration(after = DbResilienceAutoConfiguration.class)
@ConditionalOnClass({ HealthContributor.class, ConditionalOnEnabledHealthIndicator.class })
@ConditionalOnBean(HealthMonitor.class)
@ConditionalOnEnabledHealthIndicator("dbresilience")
public final class DbResilienceHealthAutoConfiguration {

	@Bean
	@ConditionalOnMissingBean(name = "dbResilienceHealthContributor")
	DbResilienceHealthContributor dbResilienceHealthContributor(HealthMonitor monitor) {
		return new DbResilienceHealthContributor(monitor, Clock.systemUTC());
	}

}
