// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.autoconfigure;

import java.util.Arrays;

import javax.sql.DataSource;

import org.springframework.aop.scope.ScopedProxyUtils;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;

/**
 * Creates the data sources that the application is going to have anyway, so that the
 * start can wait for their databases.
 */
final class EagerDataSources {

	private EagerDataSources() {
	}

	static void initialize(ConfigurableListableBeanFactory beanFactory) {
		Arrays.stream(beanFactory.getBeanNamesForType(DataSource.class, false, false))
			.filter((name) -> !ScopedProxyUtils.isScopedTarget(name))
			.filter((name) -> !beanFactory.containsBeanDefinition(name)
					|| !beanFactory.getBeanDefinition(name).isLazyInit())
			.forEach(beanFactory::getBean);
	}

}
