// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.autoconfigure;

import io.github.dbresilience.health.Readiness;

import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.context.annotation.Condition;
import org.springframework.context.annotation.ConditionContext;
import org.springframework.core.env.Environment;
import org.springframework.core.type.AnnotatedTypeMetadata;

/**
 * Matches unless {@code db.resilience.readiness} is {@code off}, which YAML reads as a
 * boolean.
 */
final class OnReadinessCondition implements Condition {

	@Override
	public boolean matches(ConditionContext context, AnnotatedTypeMetadata metadata) {
		return of(context.getEnvironment()) != Readiness.OFF;
	}

	static Readiness of(Environment environment) {
		return Binder.get(environment)
			.bind(DbResilienceProperties.PREFIX + ".readiness", Readiness.class)
			.orElse(Readiness.STARTED);
	}

}
