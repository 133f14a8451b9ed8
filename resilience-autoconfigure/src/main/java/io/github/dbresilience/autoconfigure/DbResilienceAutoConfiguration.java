// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.autoconfigure;

import java.nio.file.Path;
import java.time.Clock;

import com.zaxxer.hikari.HikariDataSource;
import io.github.dbresilience.backup.BackupStatusFile;
import io.github.dbresilience.backup.BackupStatusWatch;
import io.github.dbresilience.circuitbreaker.CircuitBreakerConfiguration;
import io.github.dbresilience.circuitbreaker.CircuitBreakerSettingsSource;
import io.github.dbresilience.circuitbreaker.CircuitBreakers;
import io.github.dbresilience.datasource.PoolDefaults;
import io.github.dbresilience.datasource.ResilientDataSources;
import io.github.dbresilience.monitor.HealthMonitor;
import io.github.dbresilience.monitor.RecentBreakerEvents;
import io.github.dbresilience.monitor.StartupWait;
import io.github.dbresilience.monitor.TokenMaintenance;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.LazyInitializationExcludeFilter;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.sql.init.dependency.DatabaseInitializationDependencyConfigurer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;
import org.springframework.context.annotation.Role;
import org.springframework.core.env.Environment;
import org.springframework.jmx.export.MBeanExporter;

/**
 * Makes every HikariCP {@code DataSource} bean resilient.
 */
@AutoConfiguration
@ConditionalOnClass(HikariDataSource.class)
@ConditionalOnBooleanProperty(name = "db.resilience.enabled", matchIfMissing = true)
@EnableConfigurationProperties(DbResilienceProperties.class)
@Import({ CircuitBreakerConfiguration.class, DatabaseInitializationDependencyConfigurer.class })
public final class DbResilienceAutoConfiguration {

	@Bean
	@Role(BeanDefinition.ROLE_INFRASTRUCTURE)
	static ResilientDataSourceBeanPostProcessor resilientDataSourceBeanPostProcessor(Environment environment,
			ObjectProvider<ResilientDataSources> dataSources, ObjectProvider<MBeanExporter> mbeanExporter) {
		return new ResilientDataSourceBeanPostProcessor(environment, dataSources, mbeanExporter);
	}

	@Bean
	@ConditionalOnMissingBean
	ResilientDataSources resilientDataSources(CircuitBreakers breakers, Environment environment) {
		SettingsResolver settings = new SettingsResolver(environment);
		return new ResilientDataSources(breakers, settings::dataSource,
				new PoolDefaults(environment.getProperty("spring.application.name"),
						(property, value) -> isExplicit(environment, property, value)));
	}

	/**
	 * Spring Boot's own pool is bound to {@code spring.datasource.hikari.*}.
	 */
	private static boolean isExplicit(Environment environment, String property, Number value) {
		if (!property.startsWith("dataSource.")) {
			return false;
		}
		String name = "spring.datasource.hikari." + property.substring("dataSource.".length());
		return value.toString().equals(environment.getProperty(name));
	}

	@Bean
	CircuitBreakerSettingsSource circuitBreakerSettingsSource(DbResilienceProperties properties,
			Environment environment) {
		return new CircuitBreakerSettingsSource(new SettingsResolver(environment)::operation,
				properties.operations().keySet());
	}

	@Bean
	@ConditionalOnMissingBean
	HealthMonitor dbResilienceHealthMonitor(ResilientDataSources dataSources, BackupStatusWatch backup) {
		return new HealthMonitor(dataSources, backup, Clock.systemUTC());
	}

	@Bean
	RecentBreakerEvents dbResilienceRecentBreakerEvents(HealthMonitor monitor) {
		return new RecentBreakerEvents(monitor);
	}

	@Bean
	BackupStatusWatch dbResilienceBackupStatusWatch(DbResilienceProperties properties) {
		Path file = properties.backup().statusFile();
		return new BackupStatusWatch((file != null) ? new BackupStatusFile(file, Clock.systemUTC()) : null);
	}

	@Bean
	TokenMaintenance dbResilienceTokenMaintenance(HealthMonitor monitor) {
		return new TokenMaintenance(monitor);
	}

	@Bean
	StartupWait dbResilienceStartupWait(ConfigurableListableBeanFactory beanFactory, ResilientDataSources dataSources) {
		EagerDataSources.initialize(beanFactory);
		return new StartupWait(dataSources);
	}

	@Bean
	static LazyInitializationExcludeFilter dbResilienceEagerBeans() {
		return LazyInitializationExcludeFilter.forBeanTypes(StartupWait.class, HealthMonitor.class,
				BackupStatusWatch.class, TokenMaintenance.class);
	}

}
