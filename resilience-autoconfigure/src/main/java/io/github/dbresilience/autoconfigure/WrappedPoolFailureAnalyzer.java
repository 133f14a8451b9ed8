// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.autoconfigure;

import com.zaxxer.hikari.HikariDataSource;
import io.github.dbresilience.datasource.ResilientDataSource;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.BeanNotOfRequiredTypeException;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/**
 * Says what to do where a pool is injected by its class.
 */
final class WrappedPoolFailureAnalyzer extends AbstractFailureAnalyzer<BeanNotOfRequiredTypeException> {

	@Override
	protected @Nullable FailureAnalysis analyze(Throwable rootFailure, BeanNotOfRequiredTypeException cause) {
		if (cause.getActualType() != ResilientDataSource.class
				|| !HikariDataSource.class.isAssignableFrom(cause.getRequiredType())) {
			return null;
		}
		String name = cause.getBeanName();
		return new FailureAnalysis(
				"The data source '" + name
						+ "' is injected as HikariDataSource, but it has been made resilient and is a "
						+ "DataSource around the pool now.",
				"Inject it as javax.sql.DataSource and call unwrap(HikariDataSource.class) where the pool itself is "
						+ "needed, or leave it as it was with db.resilience.data-sources.exclude=" + name + ".",
				cause);
	}

}
