// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.autoconfigure;

import java.util.LinkedHashMap;
import java.util.Map;

import io.github.dbresilience.datasource.PoolDefaults;
import io.github.dbresilience.datasource.PoolProfile;
import io.github.dbresilience.datasource.PostgresUrl;
import io.github.dbresilience.datasource.TlsMode;

import org.springframework.boot.EnvironmentPostProcessor;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.context.config.ConfigDataEnvironmentPostProcessor;
import org.springframework.boot.context.properties.bind.BindException;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertySource;
import org.springframework.boot.env.DefaultPropertiesPropertySource;
import org.springframework.core.Ordered;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.PropertySource;

/**
 * Adds the defaults of the pool, the driver and Spring Cloud's factory as a property
 * source of the lowest precedence, so that any explicit value wins and
 * {@code /actuator/env} shows where a value is from.
 */
final class DefaultsEnvironmentPostProcessor implements EnvironmentPostProcessor, Ordered {

	static final String NAME = "dbResilienceDefaults";

	private static final String HIKARI = "spring.datasource.hikari.";

	private static final String SPRING_CLOUD = "spring.cloud.circuitbreaker.";

	@Override
	public int getOrder() {
		return ConfigDataEnvironmentPostProcessor.ORDER + 100;
	}

	@Override
	public void postProcessEnvironment(ConfigurableEnvironment environment, SpringApplication application) {
		if (!environment.getProperty(DbResilienceProperties.PREFIX + ".enabled", Boolean.class, true)) {
			return;
		}
		Map<String, Object> defaults = new LinkedHashMap<>();
		defaults.put(SPRING_CLOUD + "resilience4j.disable-thread-pool", "true");
		// Spring Boot's own indicator borrows from the pool and hangs with it
		defaults.put("management.health.db.enabled", "false");
		defaults.put(SPRING_CLOUD + "bulkhead.resilience4j.enabled", "false");
		PoolProfile profile = bind(environment, "pool.profile", PoolProfile.API);
		pool(profile, defaults);
		driver(environment, profile, defaults);
		removeSpringApplicationDefaults(environment, defaults);
		environment.getPropertySources().addLast(new MapPropertySource(NAME, defaults));
	}

	private static void pool(PoolProfile profile, Map<String, Object> defaults) {
		defaults.put(HIKARI + "maximum-pool-size", String.valueOf(profile.maximumPoolSize()));
		defaults.put(HIKARI + "minimum-idle", String.valueOf(profile.minimumIdle()));
		defaults.put(HIKARI + "max-lifetime", String.valueOf(profile.maxLifetime().toMillis()));
		defaults.put(HIKARI + "idle-timeout", String.valueOf(profile.idleTimeout().toMillis()));
		defaults.put(HIKARI + "initialization-fail-timeout", "-1");
		defaults.put(HIKARI + "connection-timeout", String.valueOf(profile.connectionTimeout().toMillis()));
	}

	private static void driver(ConfigurableEnvironment environment, PoolProfile profile, Map<String, Object> defaults) {
		PostgresUrl url = PostgresUrl
			.parse(Binder.get(environment).bind("spring.datasource.url", String.class).orElse(null));
		if (url == null) {
			return;
		}
		PoolDefaults
			.driverProperties(profile, bind(environment, "tls", TlsMode.REQUIRE),
					environment.getProperty("spring.application.name"), url)
			.forEach((key, value) -> {
				if (!url.has(key)) {
					defaults.put(HIKARI + "data-source-properties." + key, value);
				}
			});
	}

	/**
	 * A value that cannot be read is reported where the properties are bound.
	 */
	private static <E extends Enum<E>> E bind(ConfigurableEnvironment environment, String name, E standard) {
		try {
			return Binder.get(environment)
				.bind(DbResilienceProperties.PREFIX + "." + name, standard.getDeclaringClass())
				.orElse(standard);
		}
		catch (BindException ex) {
			return standard;
		}
	}

	/**
	 * Spring Boot moves the default properties of the {@link SpringApplication} behind
	 * every other source, ours included.
	 */
	private static void removeSpringApplicationDefaults(ConfigurableEnvironment environment,
			Map<String, Object> defaults) {
		PropertySource<?> explicit = environment.getPropertySources().get(DefaultPropertiesPropertySource.NAME);
		ConfigurationPropertySource source = (explicit != null) ? ConfigurationPropertySource.from(explicit) : null;
		if (source != null) {
			defaults.keySet()
				.removeIf(
						(name) -> source.getConfigurationProperty(ConfigurationPropertyName.adapt(name, '.')) != null);
		}
	}

}
