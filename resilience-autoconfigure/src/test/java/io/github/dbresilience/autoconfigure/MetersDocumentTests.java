// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.autoconfigure;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import io.github.dbresilience.testing.TestDatabase;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import org.junit.jupiter.api.Test;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.micrometer.metrics.autoconfigure.MetricsAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The table of meters says what is registered, with the values of the tags.
 */
class MetersDocumentTests {

	private static final Pattern ROW = Pattern
		.compile("^\\| `(db\\.resilience\\.[a-z.]+)` \\| [^|]+ \\| (?:`([a-z.]+)` = ([^|]+))? ?\\| \\S.*\\|$");

	@Test
	void everyMeterIsDocumentedWithItsTags() {
		try (TestDatabase database = TestDatabase.create()) {
			new ApplicationContextRunner()
				.withConfiguration(
						AutoConfigurations.of(DataSourceAutoConfiguration.class, MetricsAutoConfiguration.class,
								DbResilienceAutoConfiguration.class, DbResilienceMetricsAutoConfiguration.class))
				.withBean(SimpleMeterRegistry.class)
				.withPropertyValues(database.springProperties())
				.run((context) -> assertThat(registered(context.getBean(MeterRegistry.class))).isEqualTo(documented()));
		}
	}

	private static Map<String, Set<String>> registered(MeterRegistry registry) {
		Map<String, Set<String>> meters = new TreeMap<>();
		for (Meter meter : registry.getMeters()) {
			if (meter.getId().getName().startsWith("db.resilience.")) {
				assertThat(meter.getId().getTag("data.source")).isEqualTo("dataSource");
				assertThat(meter.getId().getDescription()).isNotBlank();
				meters.computeIfAbsent(meter.getId().getName(), (name) -> new TreeSet<>())
					.addAll(meter.getId()
						.getTags()
						.stream()
						.filter((tag) -> !tag.getKey().equals("data.source"))
						.map(MetersDocumentTests::text)
						.toList());
			}
		}
		return meters;
	}

	private static String text(Tag tag) {
		return tag.getKey() + "=" + tag.getValue();
	}

	private static Map<String, Set<String>> documented() throws IOException {
		Map<String, Set<String>> meters = new TreeMap<>();
		for (String line : Files.readAllLines(Path.of("../docs/operations.md"))) {
			Matcher row = ROW.matcher(line);
			if (row.matches()) {
				meters.put(row.group(1),
						(row.group(2) == null) ? new TreeSet<>()
								: Stream.of(row.group(3).split(","))
									.map((value) -> row.group(2) + "=" + value.strip())
									.collect(Collectors.toCollection(TreeSet::new)));
			}
		}
		return meters;
	}

}
