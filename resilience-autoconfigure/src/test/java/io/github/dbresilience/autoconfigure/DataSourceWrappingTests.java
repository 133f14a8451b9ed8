// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.autoconfigure;

import java.lang.management.ManagementFactory;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

import javax.management.ObjectName;
import javax.sql.DataSource;

import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.SQLExceptionOverride;
import io.github.dbresilience.datasource.ResilientDataSource;
import io.github.dbresilience.datasource.ResilientDataSources;
import io.github.dbresilience.testing.TestDatabase;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.postgresql.ds.PGSimpleDataSource;

import org.springframework.beans.factory.config.CustomScopeConfigurer;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.jmx.JmxAutoConfiguration;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.JdbcTemplateAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.metrics.DataSourcePoolMetricsAutoConfiguration;
import org.springframework.boot.micrometer.metrics.autoconfigure.MetricsAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Scope;
import org.springframework.context.annotation.ScopedProxyMode;
import org.springframework.context.support.SimpleThreadScope;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DelegatingDataSource;
import org.springframework.jdbc.datasource.LazyConnectionDataSourceProxy;
import org.springframework.jdbc.datasource.lookup.AbstractRoutingDataSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * What becomes of the data source beans of an application.
 */
class DataSourceWrappingTests {

	private static final TestDatabase database = TestDatabase.create();

	private final ApplicationContextRunner runner = new ApplicationContextRunner()
		.withInitializer((context) -> new DefaultsEnvironmentPostProcessor()
			.postProcessEnvironment(context.getEnvironment(), new SpringApplication()))
		.withConfiguration(AutoConfigurations.of(DataSourceAutoConfiguration.class, JdbcTemplateAutoConfiguration.class,
				DbResilienceAutoConfiguration.class))
		.withPropertyValues(database.springProperties());

	@AfterAll
	static void drop() {
		database.close();
	}

	@Test
	void thePoolOfSpringBootIsWrappedAndCanBeUnwrapped() {
		this.runner.run((context) -> {
			DataSource dataSource = context.getBean(DataSource.class);
			assertThat(dataSource).isInstanceOf(ResilientDataSource.class);
			assertThat(dataSource.isWrapperFor(HikariDataSource.class)).isTrue();
			assertThat(dataSource.unwrap(HikariDataSource.class).getMaximumPoolSize()).isEqualTo(25);
			assertThat(context.getBean(JdbcTemplate.class).queryForObject("select 1", Integer.class)).isEqualTo(1);
		});
	}

	@Test
	void nothingIsLeftOfUsWhenDisabled() {
		this.runner.withPropertyValues("db.resilience.enabled=false").run((context) -> {
			assertThat(context.getBean(DataSource.class)).isExactlyInstanceOf(HikariDataSource.class);
			HikariDataSource pool = context.getBean(HikariDataSource.class);
			assertThat(pool.getMaximumPoolSize()).isNotEqualTo(25);
			assertThat(pool.getDataSource()).isNull();
			assertThat(pool.getExceptionOverride()).isNull();
			assertThat(pool.getDataSourceProperties()).isEmpty();
			assertThat(context.getBeanDefinitionNames()).filteredOn((name) -> name.toLowerCase().contains("resilien"))
				.isEmpty();
			assertThat(context.getBeanDefinitionNames())
				.filteredOn((name) -> context.getType(name).getName().startsWith("io.github.dbresilience"))
				.isEmpty();
		});
	}

	@Test
	void anExcludedDataSourceIsLeftAlone() {
		this.runner.withPropertyValues("db.resilience.data-sources.exclude=dataSource")
			.run((context) -> assertThat(context.getBean(DataSource.class))
				.isExactlyInstanceOf(HikariDataSource.class));
	}

	@Test
	void theLazyProxyOfSpringBootIsOutside() {
		this.runner.withPropertyValues("spring.datasource.connection-fetch=lazy").run((context) -> {
			assertThat(context.getBean(DataSource.class)).isInstanceOf(LazyConnectionDataSourceProxy.class);
			assertThat(((DelegatingDataSource) context.getBean(DataSource.class)).getTargetDataSource())
				.isInstanceOf(ResilientDataSource.class);
			assertThat(context.getBean(JdbcTemplate.class).queryForObject("select 1", Integer.class)).isEqualTo(1);
		});
	}

	@Test
	void severalDataSourcesHaveTheirOwnSettingsAndBreakers() {
		this.runner.withUserConfiguration(TwoPools.class)
			.withPropertyValues("db.resilience.data-sources.reports.retry.max-attempts=1",
					"db.resilience.data-sources.reports.pool.profile=background")
			.run((context) -> {
				ResilientDataSource orders = context.getBean("orders", ResilientDataSource.class);
				ResilientDataSource reports = context.getBean("reports", ResilientDataSource.class);
				assertThat(orders.protection().settings().retry().maxAttempts()).isEqualTo(5);
				assertThat(reports.protection().settings().retry().maxAttempts()).isEqualTo(1);
				assertThat(orders.unwrap(HikariDataSource.class).getMaximumPoolSize()).isEqualTo(25);
				assertThat(reports.unwrap(HikariDataSource.class).getMaximumPoolSize()).isEqualTo(10);
				assertThat(orders.protection().breaker()).isNotSameAs(reports.protection().breaker());
				assertThat(context.getBean(ResilientDataSources.class).all()).hasSize(2);
			});
	}

	@Test
	void aRoutingDataSourceRoutesToResilientPools() {
		this.runner.withUserConfiguration(TwoPools.class, Routing.class).run((context) -> {
			AbstractRoutingDataSource routing = context.getBean(AbstractRoutingDataSource.class);
			assertThat(routing.getResolvedDataSources().values()).allMatch(ResilientDataSource.class::isInstance);
			assertThat(new JdbcTemplate(routing).queryForObject("select 1", Integer.class)).isEqualTo(1);
		});
	}

	@Test
	void aScopedDataSourceKeepsItsProtectionOverItsPools() {
		this.runner.withUserConfiguration(Scoped.class).run((context) -> {
			DataSource dataSource = context.getBean("tenant", DataSource.class);
			assertThat(dataSource).isInstanceOf(ResilientDataSource.class);
			HikariDataSource here = dataSource.unwrap(HikariDataSource.class);
			assertThat(new JdbcTemplate(dataSource).queryForObject("select 1", Integer.class)).isEqualTo(1);
			assertThat(here.getExceptionOverride()).isNotNull();
			here.close();
			Thread other = new Thread(() -> {
				assertThat(new JdbcTemplate(dataSource).queryForObject("select 2", Integer.class)).isEqualTo(2);
				((HikariDataSource) context.getBean("scopedTarget.tenant")).close();
			});
			other.start();
			other.join();
			assertThat(((ResilientDataSource) dataSource).protection().breaker().statistics().successCount())
				.isEqualTo(2);
		});
	}

	@Test
	void thePoolInsideABeanThatDelegatesIsWrappedNextToThePool() {
		this.runner.withUserConfiguration(Delegating.class).run((context) -> {
			DelegatingDataSource outer = context.getBean("outer", DelegatingDataSource.class);
			assertThat(outer).isExactlyInstanceOf(LazyConnectionDataSourceProxy.class);
			assertThat(outer.getTargetDataSource()).isInstanceOf(ResilientDataSource.class);
		});
	}

	@Test
	void theUsersOwnExceptionOverrideKeepsItsSay() {
		this.runner.withUserConfiguration(WithOverride.class).run((context) -> {
			CountingOverride.calls.set(0);
			try (Connection connection = context.getBean(DataSource.class).getConnection()) {
				assertThatExceptionOfType(SQLException.class)
					.isThrownBy(() -> connection.createStatement().execute("select 1/0"));
				assertThat(CountingOverride.calls).hasValue(1);
			}
		});
	}

	@Test
	void thePoolMetersOfHikariStay() {
		this.runner
			.withConfiguration(
					AutoConfigurations.of(MetricsAutoConfiguration.class, DataSourcePoolMetricsAutoConfiguration.class))
			.withBean(SimpleMeterRegistry.class)
			.run((context) -> {
				context.getBean(DataSource.class).getConnection().close();
				MeterRegistry registry = context.getBean(MeterRegistry.class);
				assertThat(registry.get("hikaricp.connections").gauge().value()).isGreaterThanOrEqualTo(1);
				assertThat(registry.get("jdbc.connections.max").gauge().value()).isEqualTo(25);
			});
	}

	@Test
	void thePoolsMBeansStay() {
		this.runner.withConfiguration(AutoConfigurations.of(JmxAutoConfiguration.class))
			.withPropertyValues("spring.jmx.enabled=true", "spring.datasource.hikari.register-mbeans=true",
					"spring.datasource.hikari.pool-name=jmxPool")
			.run((context) -> {
				context.getBean(DataSource.class).getConnection().close();
				assertThat(ManagementFactory.getPlatformMBeanServer()
					.queryNames(new ObjectName("com.zaxxer.hikari:*"), null)).isNotEmpty();
			});
	}

	@Test
	void aPoolInjectedByItsClassIsExplained() {
		this.runner.withUserConfiguration(InjectedByClass.class).run((context) -> {
			assertThat(context).hasFailed();
			FailureAnalysis analysis = new WrappedPoolFailureAnalyzer().analyze(context.getStartupFailure());
			assertThat(analysis.getAction()).contains("javax.sql.DataSource")
				.contains("db.resilience.data-sources.exclude=dataSource");
		});
	}

	@Test
	void aDataSourceOfTheDriverGetsTheDriversDefaultsToo() {
		this.runner.withUserConfiguration(OfTheDriver.class).run((context) -> {
			ResilientDataSource dataSource = context.getBean(ResilientDataSource.class);
			assertThat(new JdbcTemplate(dataSource).queryForObject("select 1", Integer.class)).isEqualTo(1);
			PGSimpleDataSource driver = context.getBean(OfTheDriver.class).driver;
			assertThat(driver.getTcpKeepAlive()).isTrue();
			assertThat(driver.getSocketTimeout()).isEqualTo(7);
			assertThat(driver.getConnectTimeout()).isEqualTo(5);
		});
	}

	@Test
	void thePoolOfAnotherDatabaseIsLeftAlone() {
		this.runner.withUserConfiguration(OtherDatabase.class)
			.withPropertyValues("db.resilience.startup.max-wait=0s", "spring.sql.init.mode=never")
			.run((context) -> assertThat(context.getBean("other", DataSource.class))
				.isExactlyInstanceOf(HikariDataSource.class));
	}

	@Test
	void aPoolThatWasStartedBeforeIsStillWrapped() {
		this.runner.withUserConfiguration(Started.class).run((context) -> {
			ResilientDataSource dataSource = context.getBean(ResilientDataSource.class);
			assertThat(new JdbcTemplate(dataSource).queryForObject("select 1", Integer.class)).isEqualTo(1);
		});
	}

	private static HikariDataSource pool() {
		HikariDataSource pool = new HikariDataSource();
		pool.setJdbcUrl(database.jdbcUrl());
		pool.setUsername(database.username());
		pool.setPassword(database.password());
		return pool;
	}

	@Configuration(proxyBeanMethods = false)
	static class TwoPools {

		@Bean
		HikariDataSource orders() {
			return pool();
		}

		@Bean
		HikariDataSource reports() {
			return pool();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Routing {

		@Bean
		AbstractRoutingDataSource routing(DataSource orders, DataSource reports) {
			AbstractRoutingDataSource routing = new AbstractRoutingDataSource() {
				@Override
				protected Object determineCurrentLookupKey() {
					return "reports";
				}
			};
			routing.setTargetDataSources(Map.of("orders", orders, "reports", reports));
			return routing;
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Scoped {

		@Bean
		static CustomScopeConfigurer scopes() {
			CustomScopeConfigurer configurer = new CustomScopeConfigurer();
			configurer.addScope("thread", new SimpleThreadScope());
			return configurer;
		}

		@Bean
		@Scope(scopeName = "thread", proxyMode = ScopedProxyMode.TARGET_CLASS)
		HikariDataSource tenant() {
			return pool();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Delegating {

		@Bean
		DataSource outer() {
			return new LazyConnectionDataSourceProxy(pool());
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class WithOverride {

		@Bean
		HikariDataSource dataSource() {
			HikariDataSource pool = pool();
			pool.setExceptionOverrideClassName(CountingOverride.class.getName());
			return pool;
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class InjectedByClass {

		@Bean
		Object user(org.springframework.beans.factory.BeanFactory beans) {
			return beans.getBean("dataSource", HikariDataSource.class);
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class OfTheDriver {

		private final PGSimpleDataSource driver = new PGSimpleDataSource();

		@Bean
		HikariDataSource dataSource() {
			this.driver.setUrl(database.jdbcUrl());
			this.driver.setUser(database.username());
			this.driver.setPassword(database.password());
			this.driver.setSocketTimeout(7);
			HikariDataSource pool = new HikariDataSource();
			pool.setDataSource(this.driver);
			return pool;
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class OtherDatabase {

		@Bean
		HikariDataSource other() {
			HikariDataSource pool = new HikariDataSource();
			pool.setJdbcUrl("jdbc:mysql://localhost/app");
			return pool;
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Started {

		@Bean
		HikariDataSource started() throws SQLException {
			HikariDataSource pool = pool();
			pool.getConnection().close();
			return pool;
		}

	}

	/**
	 * The kind of override that an application may have.
	 */
	public static class CountingOverride implements SQLExceptionOverride {

		static final AtomicInteger calls = new AtomicInteger();

		@java.lang.Override
		public Override adjudicate(SQLException exception) {
			calls.incrementAndGet();
			return Override.CONTINUE_EVICT;
		}

	}

}
