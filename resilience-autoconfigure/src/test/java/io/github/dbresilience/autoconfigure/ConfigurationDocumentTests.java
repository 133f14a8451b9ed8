// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.autoconfigure;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.junit.jupiter.api.Test;

import org.springframework.boot.json.JsonParserFactory;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The configuration reference says what the metadata says.
 */
class ConfigurationDocumentTests {

	private static final Pattern ROW = Pattern.compile("^\\| `([a-z0-9.-]+)` \\| (?:`([^`]*)`)? ?\\| \\S.*\\|$");

	@Test
	void everyPropertyIsThereWithItsDefault() throws IOException {
		assertThat(documented()).containsExactlyInAnyOrderEntriesOf(metadata());
	}

	@Test
	@SuppressWarnings("unchecked")
	void everyPropertyHasADescription() throws IOException {
		properties().forEach((property) -> {
			Map<String, Object> described = (Map<String, Object>) property;
			assertThat((String) described.get("description")).as((String) described.get("name")).isNotBlank();
		});
	}

	private static Map<String, String> documented() throws IOException {
		Map<String, String> rows = new TreeMap<>();
		for (String line : Files.readAllLines(Path.of("../docs/configuration.md"))) {
			if (line.startsWith("## Defaults for others")) {
				break;
			}
			Matcher row = ROW.matcher(line);
			if (row.matches()) {
				rows.put(row.group(1), (row.group(2) != null) ? row.group(2) : "");
			}
		}
		return rows;
	}

	@SuppressWarnings("unchecked")
	private static Map<String, String> metadata() throws IOException {
		Map<String, String> properties = new TreeMap<>();
		for (Object element : properties()) {
			Map<String, Object> property = (Map<String, Object>) element;
			String name = (String) property.get("name");
			if (name.startsWith("db.resilience.")) {
				Object standard = property.get("defaultValue");
				properties.put(name.substring("db.resilience.".length()),
						(standard != null) ? standard.toString() : "");
			}
		}
		return properties;
	}

	private static Iterable<?> properties() throws IOException {
		String json = Files.readString(Path.of("target/classes/META-INF/spring-configuration-metadata.json"));
		return (Iterable<?>) JsonParserFactory.getJsonParser().parseMap(json).get("properties");
	}

}
