// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.autoconfigure;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import org.junit.jupiter.api.Test;

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
	void everyPropertyHasADescription() throws IOException {
		assertThat(properties()).allSatisfy(
				(property) -> assertThat(property.path("description").asText()).as("%s", property).isNotBlank());
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

	private static Map<String, String> metadata() throws IOException {
		Map<String, String> properties = new TreeMap<>();
		for (JsonNode property : properties()) {
			String name = property.path("name").asText();
			if (name.startsWith("db.resilience.")) {
				properties.put(name.substring("db.resilience.".length()), property.path("defaultValue").asText());
			}
		}
		return properties;
	}

	private static JsonNode properties() throws IOException {
		return new ObjectMapper().readTree(new File("target/classes/META-INF/spring-configuration-metadata.json"))
			.path("properties");
	}

}
