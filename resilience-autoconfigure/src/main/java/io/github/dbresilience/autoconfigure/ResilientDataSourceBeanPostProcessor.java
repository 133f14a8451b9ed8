// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.autoconfigure;

import java.util.Set;

import javax.sql.DataSource;

import com.zaxxer.hikari.HikariDataSource;
import io.github.dbresilience.datasource.ResilientDataSource;
import io.github.dbresilience.datasource.ResilientDataSources;

import org.springframework.aop.scope.ScopedObject;
import org.springframework.aop.scope.ScopedProxyUtils;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.core.Ordered;
import org.springframework.core.env.Environment;
import org.springframework.jdbc.datasource.DelegatingDataSource;
import org.springframework.jmx.export.MBeanExporter;
import org.springframework.jmx.support.JmxUtils;

/**
 * Wraps each pool next to the pool: a bean that is one, or the innermost target of a bean
 * that delegates to one. The target of a scoped proxy is only prepared; the proxy is
 * wrapped. Runs before Spring Boot's own post-processor of order 0, whose lazy proxy has
 * to be outside.
 */
final class ResilientDataSourceBeanPostProcessor implements BeanPostProcessor, Ordered {

	private static final String SCOPED_TARGET = ScopedProxyUtils.getTargetBeanName("");

	private final Environment environment;

	private final ObjectProvider<ResilientDataSources> dataSources;

	private final ObjectProvider<MBeanExporter> mbeanExporter;

	ResilientDataSourceBeanPostProcessor(Environment environment, ObjectProvider<ResilientDataSources> dataSources,
			ObjectProvider<MBeanExporter> mbeanExporter) {
		this.environment = environment;
		this.dataSources = dataSources;
		this.mbeanExporter = mbeanExporter;
	}

	@Override
	public int getOrder() {
		return -100;
	}

	@Override
	public Object postProcessAfterInitialization(Object bean, String beanName) {
		if (!(bean instanceof DataSource) || bean instanceof ResilientDataSource) {
			return bean;
		}
		String name = beanName.startsWith(SCOPED_TARGET) ? beanName.substring(SCOPED_TARGET.length()) : beanName;
		if (isExcluded(name)) {
			return bean;
		}
		if (bean instanceof HikariDataSource pool) {
			return protect(name, beanName, pool);
		}
		if (bean instanceof DelegatingDataSource outer) {
			protectInnermost(name, outer);
		}
		return bean;
	}

	private Object protect(String name, String beanName, HikariDataSource pool) {
		boolean scopedProxy = pool instanceof ScopedObject;
		if (!scopedProxy && !this.dataSources.getObject().supports(pool)) {
			return pool;
		}
		if (!scopedProxy) {
			this.dataSources.getObject().prepare(name, pool);
		}
		if (ScopedProxyUtils.isScopedTarget(beanName)) {
			return pool;
		}
		if (!scopedProxy) {
			exportToJmx(beanName, pool);
		}
		return this.dataSources.getObject().wrap(name, pool);
	}

	/**
	 * The bean itself is an MBean no more, as Spring sees it, once it is wrapped.
	 */
	private void exportToJmx(String beanName, HikariDataSource pool) {
		this.mbeanExporter.ifAvailable((exporter) -> {
			if (JmxUtils.isMBean(pool.getClass())) {
				exporter.registerManagedResource(pool, beanName);
			}
		});
	}

	private void protectInnermost(String name, DelegatingDataSource outer) {
		DelegatingDataSource last = outer;
		while (last.getTargetDataSource() instanceof DelegatingDataSource next) {
			if (next instanceof ResilientDataSource) {
				return;
			}
			last = next;
		}
		if (last.getTargetDataSource() instanceof HikariDataSource pool && !(pool instanceof ScopedObject)
				&& this.dataSources.getObject().supports(pool)) {
			this.dataSources.getObject().prepare(name, pool);
			last.setTargetDataSource(this.dataSources.getObject().wrap(name, pool));
		}
	}

	private boolean isExcluded(String name) {
		return Binder.get(this.environment)
			.bind(DbResilienceProperties.PREFIX + ".data-sources.exclude", Bindable.setOf(String.class))
			.orElse(Set.of())
			.contains(name);
	}

}
