// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.autoconfigure;

import io.github.dbresilience.transaction.SavepointJpaDialect;
import org.hibernate.Session;

import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Role;
import org.springframework.orm.jpa.JpaTransactionManager;

/**
 * Makes {@code Propagation.NESTED} work with JPA, by {@link SavepointJpaDialect}.
 */
@AutoConfiguration
@ConditionalOnClass({ JpaTransactionManager.class, Session.class })
@ConditionalOnBooleanProperty(name = "db.resilience.enabled", matchIfMissing = true)
public final class DbResilienceJpaAutoConfiguration {

	@Bean
	@Role(BeanDefinition.ROLE_INFRASTRUCTURE)
	static SavepointBeanPostProcessor savepointBeanPostProcessor() {
		return new SavepointBeanPostProcessor();
	}

}
