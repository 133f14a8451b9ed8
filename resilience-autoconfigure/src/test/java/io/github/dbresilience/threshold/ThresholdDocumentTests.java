// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.threshold;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The page of alerts says what the table of thresholds says, in its order.
 */
class ThresholdDocumentTests {

	private static final Pattern ROW = Pattern
		.compile("^\\| `([a-z-]+)` \\| `([^`]+)` \\| `([^`]+)` \\| `([^`]+)` \\| \\S.* \\|$");

	@Test
	void everyThresholdIsDocumentedWithItsDefaults() throws IOException {
		assertThat(documented()).isEqualTo(Stream.of(ThresholdKind.values())
			.map((kind) -> List.of(kind.id(), kind.warning(), kind.critical(), kind.forAtLeast()))
			.toList());
	}

	private static List<List<String>> documented() throws IOException {
		return Files.readAllLines(Path.of("../docs/alerts.md"))
			.stream()
			.map(ROW::matcher)
			.filter((row) -> row.matches())
			.map((row) -> List.of(row.group(1), row.group(2), row.group(3), row.group(4)))
			.toList();
	}

}
