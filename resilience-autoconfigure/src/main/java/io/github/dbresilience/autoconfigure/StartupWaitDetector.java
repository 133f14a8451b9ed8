// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.autoconfigure;

import java.util.Set;

import io.github.dbresilience.monitor.StartupWait;

import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.sql.init.dependency.DatabaseInitializerDetector;
import org.springframework.core.Ordered;

/**
 * Makes the wait for the database the first of the beans that initialize a database, so
 * that migrations, JPA and all else that uses it come after.
 */
final class StartupWaitDetector implements DatabaseInitializerDetector {

	@Override
	public Set<String> detect(ConfigurableListableBeanFactory beanFactory) {
		return Set.of(beanFactory.getBeanNamesForType(StartupWait.class, true, false));
	}

	@Override
	public int getOrder() {
		return Ordered.HIGHEST_PRECEDENCE;
	}

}
