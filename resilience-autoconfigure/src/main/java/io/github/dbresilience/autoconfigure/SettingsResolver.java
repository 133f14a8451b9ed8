// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.autoconfigure;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

import io.github.dbresilience.alert.InvalidAlertSettingException;
import io.github.dbresilience.circuitbreaker.CircuitBreakerSettings;
import io.github.dbresilience.datasource.DataSourceSettings;
import io.github.dbresilience.retry.RetrySettings;
import io.github.dbresilience.retry.RetrySettings.Transactions;
import io.github.dbresilience.threshold.ThresholdKind;
import io.github.dbresilience.threshold.ThresholdProperties;
import io.github.dbresilience.threshold.ThresholdSettings;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.bind.BindHandler;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.bind.PropertySourcesPlaceholdersResolver;
import org.springframework.boot.context.properties.bind.validation.ValidationBindHandler;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertySource;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.boot.context.properties.source.ConfigurationPropertyState;
import org.springframework.core.env.Environment;
import org.springframework.validation.Errors;
import org.springframework.validation.Validator;

/**
 * Reads the settings of one data source or operation: its own where it has them, the
 * common ones elsewhere.
 */
final class SettingsResolver {

	private static final ConfigurationPropertyName ROOT = ConfigurationPropertyName.of(DbResilienceProperties.PREFIX);

	private static final String THRESHOLDS = "health.thresholds";

	private final Environment environment;

	SettingsResolver(Environment environment) {
		this.environment = environment;
	}

	DataSourceSettings dataSource(String beanName) {
		ConfigurationPropertyName own = ownOrCommon(child(ROOT.append("data-sources"), beanName), ROOT);
		return bind(ROOT, own, DbResilienceProperties.class, new DataSourceValidator()).toSettings();
	}

	/**
	 * Which transactions some data source tries again.
	 */
	Transactions widest(RetrySettings common) {
		Set<String> named = keys(ROOT.append("data-sources"));
		return Stream.concat(Stream.of(common), named.stream().map((name) -> dataSource(name).retry()))
			.map(RetrySettings::effectiveTransactions)
			.max(Comparator.naturalOrder())
			.orElse(Transactions.OFF);
	}

	/**
	 * The thresholds of a data source.
	 * @throws InvalidAlertSettingException if a value cannot be read
	 */
	Map<ThresholdKind, ThresholdSettings> thresholds(String beanName) {
		Map<ThresholdKind, ThresholdSettings> all = new EnumMap<>(ThresholdKind.class);
		ConfigurationPropertyName allCommon = ROOT.append(THRESHOLDS);
		ConfigurationPropertyName allOwn = ownOrCommon(child(ROOT.append("data-sources"), beanName).append(THRESHOLDS),
				allCommon);
		for (ThresholdKind kind : ThresholdKind.values()) {
			ConfigurationPropertyName common = allCommon.append(kind.id());
			ConfigurationPropertyName own = allOwn.append(kind.id());
			all.put(kind, ThresholdSettings.of(kind, bind(common, own, ThresholdProperties.class, null),
					(last) -> (isSet(own.append(last)) ? own : common).append(last).toString()));
		}
		return all;
	}

	private boolean isSet(ConfigurationPropertyName name) {
		return Binder.get(this.environment).bind(name, Bindable.of(String.class)).isBound();
	}

	/**
	 * Refuses thresholds that do not exist or cannot be read, before anybody looks at
	 * them.
	 */
	void checkThresholds() {
		checkIds(ROOT.append(THRESHOLDS));
		thresholds("dataSource");
		for (String name : keys(ROOT.append("data-sources"))) {
			checkIds(child(ROOT.append("data-sources"), name).append(THRESHOLDS));
			thresholds(name);
		}
	}

	private void checkIds(ConfigurationPropertyName thresholds) {
		List<String> ids = Stream.of(ThresholdKind.values()).map(ThresholdKind::id).toList();
		for (String key : keys(thresholds)) {
			if (ids.stream().noneMatch((id) -> isSame(id, key))) {
				throw new InvalidAlertSettingException(thresholds + "." + key,
						"is no threshold. There are " + String.join(", ", ids)
								+ "; an environment variable leaves the dashes out, for example PINGLATENCY");
			}
		}
	}

	/** An environment variable has no dashes. */
	private static boolean isSame(String id, String key) {
		return id.replace("-", "").equals(key.replace("-", "").toLowerCase(Locale.ROOT));
	}

	private Set<String> keys(ConfigurationPropertyName parent) {
		return Binder.get(this.environment)
			.bind(parent, Bindable.mapOf(String.class, Object.class))
			.map(Map::keySet)
			.orElse(Set.of());
	}

	CircuitBreakerSettings operation(String name) {
		ConfigurationPropertyName own = child(ROOT.append("operations"), name);
		return bind(ROOT.append("circuit-breaker"), own, CircuitBreakerSettings.class, null);
	}

	/**
	 * Any name is allowed in brackets, and then in the property too:
	 * {@code data-sources[myDb].tls}.
	 */
	private static ConfigurationPropertyName child(ConfigurationPropertyName parent, String name) {
		return parent.append(ConfigurationPropertyName.isValid(name) ? name : "[" + name + "]");
	}

	/**
	 * Sources keep every name that they were ever asked for, so those of a data source
	 * that has nothing of its own are not asked for one by one.
	 */
	private ConfigurationPropertyName ownOrCommon(ConfigurationPropertyName own, ConfigurationPropertyName common) {
		for (ConfigurationPropertySource source : ConfigurationPropertySources.get(this.environment)) {
			if (source.containsDescendantOf(own) != ConfigurationPropertyState.ABSENT) {
				return own;
			}
		}
		return common;
	}

	private <T> T bind(ConfigurationPropertyName common, ConfigurationPropertyName own, Class<T> type,
			@Nullable Validator validator) {
		List<ConfigurationPropertySource> layers = new ArrayList<>();
		ConfigurationPropertySources.get(this.environment).forEach((source) -> layers.add((name) -> {
			if (own.equals(common) || !common.isAncestorOf(name)) {
				return null;
			}
			ConfigurationPropertyName suffix = name.subName(common.getNumberOfElements());
			return source.getConfigurationProperty(own.append(suffix));
		}));
		ConfigurationPropertySources.get(this.environment).forEach(layers::add);
		Binder binder = new Binder(layers, new PropertySourcesPlaceholdersResolver(this.environment));
		BindHandler handler = (validator != null) ? new ValidationBindHandler(validator) : BindHandler.DEFAULT;
		return binder.bindOrCreate(common, Bindable.of(type), handler);
	}

	private static final class DataSourceValidator implements Validator {

		@Override
		public boolean supports(Class<?> type) {
			return type == DbResilienceProperties.class;
		}

		@Override
		public void validate(Object target, Errors errors) {
			((DbResilienceProperties) target).validate(target, errors);
		}

	}

}
