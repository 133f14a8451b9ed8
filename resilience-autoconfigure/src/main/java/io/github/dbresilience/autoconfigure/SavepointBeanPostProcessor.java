// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.autoconfigure;

import java.sql.SQLException;

import javax.sql.DataSource;

import io.github.dbresilience.datasource.ResilientDataSource;
import io.github.dbresilience.transaction.SavepointJpaDialect;
import io.github.dbresilience.transaction.SavepointServiceContributor;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.core.Ordered;
import org.springframework.orm.jpa.AbstractEntityManagerFactoryBean;
import org.springframework.orm.jpa.JpaTransactionManager;
import org.springframework.orm.jpa.vendor.HibernateJpaDialect;

/**
 * Allows nested transactions where Hibernate works on a resilient data source under
 * Spring's own dialect. A user's dialect, a subclass included, stays as it is. Runs
 * before proxies are made.
 */
final class SavepointBeanPostProcessor implements BeanPostProcessor, Ordered {

	@Override
	public int getOrder() {
		return -100;
	}

	@Override
	public Object postProcessBeforeInitialization(Object bean, String beanName) {
		if (bean instanceof AbstractEntityManagerFactoryBean factory && isResilient(factory.getDataSource())) {
			factory.getJpaPropertyMap().putIfAbsent(SavepointServiceContributor.ENABLED, true);
		}
		return bean;
	}

	@Override
	public Object postProcessAfterInitialization(Object bean, String beanName) {
		if (bean instanceof JpaTransactionManager manager
				&& manager.getJpaDialect().getClass() == HibernateJpaDialect.class
				&& isResilient(manager.getDataSource())) {
			manager.setJpaDialect(new SavepointJpaDialect((HibernateJpaDialect) manager.getJpaDialect()));
			manager.setNestedTransactionAllowed(true);
		}
		return bean;
	}

	private static boolean isResilient(@Nullable DataSource dataSource) {
		try {
			return dataSource != null && dataSource.isWrapperFor(ResilientDataSource.class);
		}
		catch (SQLException ex) {
			return false;
		}
	}

}
