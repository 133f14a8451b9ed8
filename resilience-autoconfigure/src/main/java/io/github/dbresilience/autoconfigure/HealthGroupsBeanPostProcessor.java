// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.autoconfigure;

import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

import io.github.dbresilience.health.HealthPathSettings;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.BeanFactory;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.boot.actuate.endpoint.Show;
import org.springframework.boot.health.autoconfigure.actuate.endpoint.HealthEndpointProperties;
import org.springframework.boot.health.autoconfigure.actuate.endpoint.HealthEndpointProperties.Group;

/**
 * Adds our readiness to the group {@code readiness}, and the groups that have short
 * paths. A group that the user configures stays as it is; of the groups with short paths
 * each value that the user sets.
 * <p>
 * This is no property source: a group that names a contributor which is missing, as in a
 * test slice, would fail the start.
 */
final class HealthGroupsBeanPostProcessor implements BeanPostProcessor {

	private static final String READINESS = "dbReadiness";

	private final BeanFactory beanFactory;

	HealthGroupsBeanPostProcessor(BeanFactory beanFactory) {
		this.beanFactory = beanFactory;
	}

	@Override
	public Object postProcessAfterInitialization(Object bean, String beanName) {
		if (bean instanceof HealthEndpointProperties health) {
			Map<String, Group> groups = health.getGroup();
			if (exists(READINESS) && exists("readinessState") && !groups.containsKey("readiness")) {
				complete(groups, "readiness", null, readiness());
			}
			HealthPathSettings paths = this.beanFactory.getBean(DbResilienceProperties.class).health().paths();
			if (paths.enabled()) {
				paths(groups, paths);
			}
		}
		return bean;
	}

	private void paths(Map<String, Group> groups, HealthPathSettings paths) {
		complete(groups, "basic", Show.NEVER, Set.of("*"));
		complete(groups, "detailed", Show.ALWAYS, Set.of("*"));
		complete(groups, "ready", Show.NEVER, readiness());
		complete(groups, "live", Show.NEVER, existing("livenessState"));
		Set.of("basic", "detailed", "ready", "live").forEach((name) -> {
			Group group = groups.get(name);
			if (group != null && group.getAdditionalPath() == null) {
				group.setAdditionalPath(path(paths, name));
			}
		});
	}

	private static String path(HealthPathSettings paths, String name) {
		String prefix = paths.prefix().startsWith("/") ? paths.prefix() : "/" + paths.prefix();
		return paths.port().name().toLowerCase(Locale.ROOT) + ":" + prefix + name;
	}

	private static void complete(Map<String, Group> groups, String name, @Nullable Show show, Set<String> members) {
		Group group = groups.computeIfAbsent(name, (missing) -> new Group());
		if (group.getInclude() == null && group.getExclude() == null) {
			group.setInclude(members);
		}
		if (show != null && group.getShowDetails() == null) {
			group.setShowDetails(show);
		}
		if (show != null && group.getShowComponents() == null) {
			group.setShowComponents(show);
		}
	}

	private Set<String> readiness() {
		return existing("readinessState", READINESS);
	}

	/**
	 * Probes may be switched off; a group without members would have all.
	 */
	private Set<String> existing(String... names) {
		Set<String> existing = new LinkedHashSet<>();
		for (String name : names) {
			if (exists(name)) {
				existing.add(name);
			}
		}
		return existing.isEmpty() ? Set.of("ping") : existing;
	}

	private boolean exists(String contributor) {
		return this.beanFactory.containsBean(contributor + "HealthIndicator");
	}

}
