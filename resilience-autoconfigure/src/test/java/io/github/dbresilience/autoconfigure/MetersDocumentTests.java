// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.autoconfigure;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import io.github.dbresilience.metrics.BackupsOf;
import io.github.dbresilience.testing.TestDatabase;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import org.junit.jupiter.api.Test;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.micrometer.metrics.autoconfigure.MetricsAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The tables of meters say what is registered: names, kinds, units, tags and their
 * values.
 */
class MetersDocumentTests {

	private static final Pattern ROW = Pattern.compile(
			"^\\| `(db\\.resilience\\.[a-z.]+)` \\| (gauge|counter) \\| ([a-z]*) ?\\| (?:`([a-z.]+)`(?: = ([^|]+))?)? ?\\| \\S.*\\|$");

	/** Its values are the servers of the URL. */
	private static final String SERVER = "server";

	@Test
	void everyMeterIsDocumented() throws IOException {
		Map<String, Row> documented = documented();
		withApplication((registry) -> {
			BackupsOf.dataSource("dataSource", registry);
			assertThat(registered(registry)).isEqualTo(documented);
		});
	}

	@Test
	void anApplicationWithoutBackupStatusHasAllMetersButThoseOfBackups() throws IOException {
		Map<String, Row> documented = documented();
		documented.keySet().removeIf((name) -> name.startsWith("db.resilience.backup."));
		withApplication((registry) -> assertThat(registered(registry)).isEqualTo(documented));
	}

	@Test
	void prometheusHasEveryMeterOfAnApplication() {
		PrometheusMeterRegistry prometheus = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
		prometheus.throwExceptionOnRegistrationFailure();
		withApplication(prometheus, (registry) -> {
			String scrape = prometheus.scrape();
			Set<String> names = new HashSet<>();
			prometheus.getMeters().stream().map(Meter::getId).forEach((id) -> {
				String name = prometheus.config().namingConvention().name(id.getName(), id.getType(), id.getBaseUnit());
				assertThat(scrape).containsPattern("(?m)^" + name + "(_total)?\\{");
				names.add(name + " " + id.getName());
			});
			assertThat(names.stream().map((name) -> name.split(" ")[0])).doesNotHaveDuplicates();
		});
	}

	private static void withApplication(Check check) {
		withApplication(new SimpleMeterRegistry(), check);
	}

	private static void withApplication(MeterRegistry registry, Check check) {
		try (TestDatabase database = TestDatabase.create()) {
			new ApplicationContextRunner()
				.withConfiguration(
						AutoConfigurations.of(DataSourceAutoConfiguration.class, MetricsAutoConfiguration.class,
								DbResilienceAutoConfiguration.class, DbResilienceMetricsAutoConfiguration.class))
				.withBean(MeterRegistry.class, () -> registry)
				.withPropertyValues(database.springProperties())
				.run((context) -> check.accept(context.getBean(MeterRegistry.class)));
		}
	}

	private static Map<String, Row> registered(MeterRegistry registry) {
		Map<String, Row> meters = new TreeMap<>();
		for (Meter meter : registry.getMeters()) {
			if (meter.getId().getName().startsWith("db.resilience.")) {
				assertThat(meter.getId().getTag("data.source")).isEqualTo("dataSource");
				assertThat(meter.getId().getDescription()).isNotBlank();
				Row row = meters.computeIfAbsent(meter.getId().getName(), (name) -> row(meter.getId()));
				meter.getId()
					.getTags()
					.stream()
					.filter((tag) -> !tag.getKey().equals("data.source"))
					.forEach((tag) -> row.tags().add(text(tag)));
			}
		}
		return meters;
	}

	private static Row row(Meter.Id id) {
		return new Row(id.getType().name().toLowerCase(Locale.ROOT), Objects.requireNonNullElse(id.getBaseUnit(), ""),
				new TreeSet<>());
	}

	private static String text(Tag tag) {
		return tag.getKey().equals(SERVER) ? SERVER : tag.getKey() + "=" + tag.getValue();
	}

	private static Map<String, Row> documented() throws IOException {
		Map<String, Row> meters = new TreeMap<>();
		for (String line : Files.readAllLines(Path.of("../docs/operations.md"))) {
			Matcher row = ROW.matcher(line);
			if (row.matches()) {
				Set<String> tags = new TreeSet<>();
				if (row.group(4) != null && row.group(5) == null) {
					tags.add(row.group(4));
				}
				else if (row.group(4) != null) {
					Arrays.stream(row.group(5).split(","))
						.forEach((value) -> tags.add(row.group(4) + "=" + value.strip()));
				}
				Row twice = meters.put(row.group(1), new Row(row.group(2), row.group(3), tags));
				assertThat(twice).as(row.group(1)).isNull();
			}
		}
		return meters;
	}

	private record Row(String kind, String unit, Set<String> tags) {

	}

	private interface Check {

		void accept(MeterRegistry registry) throws IOException;

	}

}
