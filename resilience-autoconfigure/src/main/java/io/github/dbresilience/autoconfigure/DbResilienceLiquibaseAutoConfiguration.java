// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.autoconfigure;

import javax.sql.DataSource;

import io.github.dbresilience.migration.MigrationDataSource;
import liquibase.integration.spring.SpringLiquibase;

import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Role;

/**
 * Frees Liquibase's migrations from the read time-out of requests.
 */
@AutoConfiguration
@ConditionalOnClass(SpringLiquibase.class)
@ConditionalOnBooleanProperty(name = "db.resilience.enabled", matchIfMissing = true)
public final class DbResilienceLiquibaseAutoConfiguration {

	@Bean
	@Role(BeanDefinition.ROLE_INFRASTRUCTURE)
	static BeanPostProcessor migrationDataSourceBeanPostProcessor() {
		return new MigrationDataSourceBeanPostProcessor();
	}

	private static final class MigrationDataSourceBeanPostProcessor implements BeanPostProcessor {

		@Override
		public Object postProcessBeforeInitialization(Object bean, String beanName) {
			if (bean instanceof SpringLiquibase liquibase) {
				DataSource dataSource = liquibase.getDataSource();
				if (dataSource != null) {
					liquibase.setDataSource(new MigrationDataSource(dataSource));
				}
			}
			return bean;
		}

	}

}
