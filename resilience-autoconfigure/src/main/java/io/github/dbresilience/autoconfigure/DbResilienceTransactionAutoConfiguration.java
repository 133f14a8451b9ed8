// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.autoconfigure;

import io.github.dbresilience.retry.TransactionRetryPostProcessor;
import io.github.dbresilience.retry.TransactionRetryer;
import io.github.dbresilience.transaction.ResilientTransactions;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.jdbc.autoconfigure.DataSourceTransactionManagerAutoConfiguration;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Role;
import org.springframework.core.env.Environment;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.interceptor.TransactionInterceptor;
import org.springframework.util.function.SingletonSupplier;

/**
 * Tries whole transactions again.
 */
@AutoConfiguration(after = { DbResilienceAutoConfiguration.class, DataSourceTransactionManagerAutoConfiguration.class },
		afterName = "org.springframework.boot.hibernate.autoconfigure.HibernateJpaAutoConfiguration")
@ConditionalOnClass(TransactionInterceptor.class)
@ConditionalOnBooleanProperty(name = "db.resilience.enabled", matchIfMissing = true)
@EnableConfigurationProperties(DbResilienceProperties.class)
public final class DbResilienceTransactionAutoConfiguration {

	@Bean
	@Role(BeanDefinition.ROLE_INFRASTRUCTURE)
	static TransactionRetryPostProcessor transactionRetryPostProcessor(ObjectProvider<TransactionRetryer> retryer) {
		return new TransactionRetryPostProcessor(SingletonSupplier.of(retryer::getObject));
	}

	@Bean
	@ConditionalOnMissingBean
	@Role(BeanDefinition.ROLE_INFRASTRUCTURE)
	TransactionRetryer dbResilienceTransactionRetryer(DbResilienceProperties properties, Environment environment) {
		return new TransactionRetryer(new SettingsResolver(environment).widest(properties.retry()),
				properties.retry().insideTransaction());
	}

	@Bean
	@ConditionalOnMissingBean
	@ConditionalOnBean(PlatformTransactionManager.class)
	ResilientTransactions resilientTransactions(ObjectProvider<PlatformTransactionManager> manager,
			TransactionRetryer retryer) {
		return new ResilientTransactions(manager::getObject, retryer);
	}

}
