// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.autoconfigure;

import java.time.Duration;
import java.util.Map;
import java.util.Set;

import io.github.dbresilience.alert.AlertSettings;
import io.github.dbresilience.backup.BackupSettings;
import io.github.dbresilience.circuitbreaker.CircuitBreakerSettings;
import io.github.dbresilience.commit.CommitOutcomeSettings;
import io.github.dbresilience.datasource.DataSourceSettings;
import io.github.dbresilience.datasource.MonitorSettings;
import io.github.dbresilience.datasource.PoolProfile;
import io.github.dbresilience.datasource.StartupSettings;
import io.github.dbresilience.datasource.TlsMode;
import io.github.dbresilience.health.HealthPathSettings;
import io.github.dbresilience.health.Readiness;
import io.github.dbresilience.retry.RetrySettings;
import io.github.dbresilience.threshold.ThresholdKind;
import io.github.dbresilience.threshold.ThresholdProperties;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.NestedConfigurationProperty;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.Errors;
import org.springframework.validation.Validator;

/**
 * The properties {@code db.resilience.*}.
 *
 * @param enabled Whether data sources are made resilient.
 * @param tls What is asked of a server that is neither on this host nor behind a Unix
 * socket.
 * @param dataSources Which data sources are left alone.
 * @param pool Defaults of connection pools.
 * @param startup What happens when the database is away while the application starts.
 * @param retry How the acquisition of a connection is tried again.
 * @param circuitBreaker When circuit breakers open and how they close.
 * @param health How the monitor watches the database.
 * @param readiness What the readiness of the application has to do with its databases.
 * @param commitOutcome How the outcome of a lost COMMIT is found out.
 * @param backup What is known of backups.
 * @param alerts Who is told of alerts.
 * @param operations Circuit breakers of named operations; what is not set is taken from
 * circuit-breaker.
 */
@ConfigurationProperties(DbResilienceProperties.PREFIX)
public record DbResilienceProperties(@DefaultValue("true") boolean enabled, @DefaultValue("require") TlsMode tls,
		@DefaultValue DataSources dataSources, @DefaultValue Pool pool,
		@NestedConfigurationProperty @DefaultValue StartupSettings startup,
		@NestedConfigurationProperty @DefaultValue RetrySettings retry,
		@NestedConfigurationProperty @DefaultValue CircuitBreakerSettings circuitBreaker, @DefaultValue Health health,
		@DefaultValue("started") Readiness readiness,
		@NestedConfigurationProperty @DefaultValue CommitOutcomeSettings commitOutcome,
		@NestedConfigurationProperty @DefaultValue BackupSettings backup,
		@NestedConfigurationProperty @DefaultValue AlertSettings alerts,
		@DefaultValue Map<String, CircuitBreakerSettings> operations) implements Validator {

	static final String PREFIX = "db.resilience";

	DataSourceSettings toSettings() {
		return new DataSourceSettings(this.pool.profile(), this.tls, this.retry, this.circuitBreaker, this.startup,
				new MonitorSettings(this.health.probeInterval(), this.health.sampleInterval(), this.health.abortHung()),
				this.commitOutcome);
	}

	@Override
	public boolean supports(Class<?> type) {
		return type == DbResilienceProperties.class;
	}

	@Override
	public void validate(Object target, Errors errors) {
		new PropertiesCheck(errors).check((DbResilienceProperties) target);
	}

	/**
	 * Which data sources are left alone.
	 *
	 * @param exclude Bean names of data sources that are left alone.
	 */
	public record DataSources(@DefaultValue Set<String> exclude) {

	}

	/**
	 * Defaults of connection pools.
	 *
	 * @param profile Sizes, lifetimes and time-outs for a kind of application. Any
	 * explicit value of a pool wins.
	 */
	public record Pool(@DefaultValue("api") PoolProfile profile) {

	}

	/**
	 * How the monitor watches the database.
	 *
	 * @param probeInterval How often the database is probed while it is well.
	 * @param sampleInterval How often a full look at the server is taken.
	 * @param abortHung After how long a silence of the server work in flight is given up;
	 * 0 never.
	 * @param thresholds Limits by the id of the threshold, and for how long they have to
	 * be passed.
	 * @param recycleOn Thresholds that have the connections of the pool replaced when
	 * they fire.
	 * @param paths Short paths for health beside those of the actuator.
	 */
	public record Health(@DefaultValue("500ms") Duration probeInterval, @DefaultValue("30s") Duration sampleInterval,
			@DefaultValue("3s") Duration abortHung, @DefaultValue Map<String, ThresholdProperties> thresholds,
			@DefaultValue("pool-idle") Set<ThresholdKind> recycleOn,
			@NestedConfigurationProperty @DefaultValue HealthPathSettings paths) {

	}

}
