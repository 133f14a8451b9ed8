// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.endpoint;

import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;

import io.github.dbresilience.commit.CommitOutcomeSettings;
import io.github.dbresilience.retry.RetrySettings;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Settings as the endpoint shows them.
 */
class SettingsDescriptionTests {

	@Test
	void namesAndValuesAreThoseOfTheProperties() {
		assertThat(SettingsDescription.of(RetrySettings.defaults()))
			.containsExactlyInAnyOrderEntriesOf(Map.of("enabled", true, "max-attempts", 5, "initial-interval", "100ms",
					"multiplier", 2.0, "max-interval", "10s", "jitter", "full", "max-duration", "15s", "transactions",
					"annotated", "budget", Map.of("ratio", 0.2, "min-per-second", 10), "inside-transaction", "refuse"));
		assertThat(SettingsDescription.of(CommitOutcomeSettings.defaults())).containsEntry("strategy", "token")
			.containsEntry("schema", "db_resilience")
			.containsEntry("abandoned-retention", "86400s");
	}

	@Test
	void whatMayBeASecretIsHiddenAtAnyDepth() {
		Map<String, Object> described = SettingsDescription
			.of(new Sink("open sesame", URI.create("https://user:open@example.org/"), List.of("open sesame"),
					Map.of("Authorization", "open sesame", "X-Team", "orders"), new Nested("open sesame", "orders"),
					Duration.ofSeconds(2), null));
		assertThat(described.toString()).doesNotContain("open").contains("orders");
		assertThat(described).containsEntry("password", "******")
			.containsEntry("token-retention", "2s")
			.doesNotContainKey("api-key")
			.containsEntry("nested", Map.of("routing-key", "******", "team", "orders"));
	}

	record Sink(String password, URI webhook, List<String> secrets, Map<String, String> more, Nested nested,
			Duration tokenRetention, @Nullable String apiKey) {

	}

	record Nested(String routingKey, String team) {

	}

}
