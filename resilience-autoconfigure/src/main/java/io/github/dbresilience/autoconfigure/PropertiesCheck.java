// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.autoconfigure;

import java.time.Duration;
import java.util.regex.Pattern;

import io.github.dbresilience.alert.AlertSettings;
import io.github.dbresilience.circuitbreaker.CircuitBreakerSettings;
import io.github.dbresilience.commit.CommitOutcomeSettings;
import io.github.dbresilience.retry.RetrySettings;

import org.springframework.validation.Errors;

/**
 * Refuses values that make no sense, in words that say what would.
 */
final class PropertiesCheck {

	private static final Duration MINUTE = Duration.ofMinutes(1);

	private static final Duration HOUR = Duration.ofHours(1);

	private static final Duration WEEK = Duration.ofDays(7);

	/** The clean-up never deletes a token that is younger. */
	private static final Duration TOKEN_FLOOR = Duration.ofMinutes(10);

	private static final Pattern IDENTIFIER = Pattern.compile("[a-z_][a-z0-9_]{0,62}");

	private static final Pattern PATH_PREFIX = Pattern.compile("/?[A-Za-z0-9._~-]{0,50}");

	private final Errors errors;

	PropertiesCheck(Errors errors) {
		this.errors = errors;
	}

	void check(DbResilienceProperties properties) {
		retry(properties.retry());
		circuitBreaker("circuitBreaker", properties.circuitBreaker());
		properties.operations().forEach((name, own) -> circuitBreaker("operations[" + name + "]", own));
		commitOutcome(properties.commitOutcome());
		alerts(properties.alerts());
		between("startup.maxWait", properties.startup().maxWait(), Duration.ZERO, HOUR);
		between("health.probeInterval", properties.health().probeInterval(), Duration.ofMillis(100), HOUR);
		between("health.sampleInterval", properties.health().sampleInterval(), Duration.ofSeconds(1), HOUR);
		Duration abortHung = properties.health().abortHung();
		if (!abortHung.isZero()) {
			between("health.abortHung", abortHung, Duration.ofSeconds(1), Duration.ofMinutes(1));
		}
		if (!PATH_PREFIX.matcher(properties.health().paths().prefix()).matches()) {
			refuse("health.paths.prefix",
					"must be one path segment such as /health-: letters, digits and . _ ~ -, at most 50");
		}
	}

	private void retry(RetrySettings retry) {
		between("retry.maxAttempts", retry.maxAttempts(), 1, 1000);
		between("retry.initialInterval", retry.initialInterval(), Duration.ofMillis(1), HOUR);
		between("retry.maxInterval", retry.maxInterval(), Duration.ofMillis(1), HOUR);
		between("retry.maxDuration", retry.maxDuration(), Duration.ofMillis(1), HOUR);
		if (retry.maxInterval().compareTo(retry.initialInterval()) < 0) {
			refuse("retry.maxInterval", "must not be shorter than initial-interval");
		}
		if (!(retry.multiplier() >= 1 && retry.multiplier() <= 100)) {
			refuse("retry.multiplier", "must be between 1 and 100");
		}
		if (!(retry.budget().ratio() >= 0 && retry.budget().ratio() <= 100)) {
			refuse("retry.budget.ratio", "must be between 0 and 100");
		}
		between("retry.budget.minPerSecond", retry.budget().minPerSecond(), 0, 100_000);
		if (retry.maxWaiting() != null) {
			between("retry.maxWaiting", retry.maxWaiting(), 0, 100_000);
		}
	}

	private void commitOutcome(CommitOutcomeSettings settings) {
		between("commitOutcome.maxWait", settings.maxWait(), Duration.ofMillis(1), TOKEN_FLOOR.dividedBy(2));
		between("commitOutcome.retention", settings.retention(), TOKEN_FLOOR, WEEK);
		between("commitOutcome.abandonedRetention", settings.abandonedRetention(), TOKEN_FLOOR, WEEK);
		if (!IDENTIFIER.matcher(settings.schema()).matches()) {
			refuse("commitOutcome.schema",
					"must be a plain identifier: lower-case letters, digits and underscores, at most 63, no digit first");
		}
	}

	private void alerts(AlertSettings settings) {
		between("alerts.queueCapacity", settings.queueCapacity(), 1, 10_000);
		between("alerts.http.connectTimeout", settings.http().connectTimeout(), Duration.ofMillis(1), MINUTE);
		between("alerts.http.requestTimeout", settings.http().requestTimeout(), Duration.ofMillis(1), MINUTE);
		between("alerts.http.maxAttempts", settings.http().maxAttempts(), 1, 100);
		between("alerts.http.maxDuration", settings.http().maxDuration(), Duration.ofMillis(1), HOUR);
	}

	private void circuitBreaker(String path, CircuitBreakerSettings settings) {
		between(path + ".failureThreshold", settings.failureThreshold(), 1, 1000);
		between(path + ".halfOpenCalls", settings.halfOpenCalls(), 1, 100);
		between(path + ".window", settings.window(), Duration.ofSeconds(1), HOUR);
		between(path + ".openDuration", settings.openDuration(), Duration.ofMillis(100), HOUR);
	}

	private void between(String field, int value, int least, int most) {
		if (value < least || value > most) {
			refuse(field, "must be between " + least + " and " + most);
		}
	}

	private void between(String field, Duration value, Duration least, Duration most) {
		if (value.compareTo(least) < 0 || value.compareTo(most) > 0) {
			refuse(field, "must be between " + text(least) + " and " + text(most));
		}
	}

	private void refuse(String field, String message) {
		this.errors.rejectValue(field, "outOfRange", message);
	}

	private static String text(Duration duration) {
		if (duration.compareTo(HOUR) > 0 && duration.toSeconds() % 86_400 == 0) {
			return duration.toDays() + "d";
		}
		if (duration.toMillis() % 1000 != 0) {
			return duration.toMillis() + "ms";
		}
		return (duration.equals(HOUR)) ? "1h" : duration.toSeconds() + "s";
	}

}
