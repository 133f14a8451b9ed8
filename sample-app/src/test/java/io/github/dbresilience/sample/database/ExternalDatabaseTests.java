// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.sample.database;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.diagnostics.FailureAnalysis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

class ExternalDatabaseTests {

	@Test
	void withoutAnySettingThereIsNone() {
		assertThat(ExternalDatabase.of(settings(null, null, null, null, null))).isEmpty();
		assertThat(ExternalDatabase.of(new DatabaseProperties("", "", " ", "", "", ""))).isEmpty();
	}

	@Test
	void aPortAloneNamesNoServer() {
		assertThat(ExternalDatabase.of(settings(null, null, "tcp://10.0.0.1:5432", null, null))).isEmpty();
	}

	@Test
	void aHostNeedsNoMoreThanAUser() {
		ExternalDatabase database = of(settings(null, "db.example.org", null, null, "ann"));
		assertThat(database.getJdbcUrl()).isEqualTo("jdbc:postgresql://db.example.org:5432/ledger");
		assertThat(database.getUsername()).isEqualTo("ann");
		assertThat(database.getPassword()).isEqualTo("hunter2");
		assertThat(database.getDriverClassName()).isEqualTo("org.postgresql.Driver");
		assertThat(database.description()).isEqualTo("PostgreSQL at db.example.org:5432/ledger");
	}

	@ParameterizedTest
	@CsvSource({ "10.0.0.1, 6543, books, //10.0.0.1:6543/books", "::1, 5432, books, //[::1]:5432/books",
			"[fe80::1], 5432, books, //[fe80::1]:5432/books", "db, 5432, my books?x=y, //db:5432/my+books%3Fx%3Dy" })
	void hostPortAndNameMakeTheUrl(String host, String port, String name, String url) {
		assertThat(of(settings(null, host, port, name, "ann")).getJdbcUrl()).isEqualTo("jdbc:postgresql:" + url);
	}

	@ParameterizedTest
	@ValueSource(strings = { "jdbc:postgresql://db:5432/ledger", "jdbc:postgresql://db/ledger?sslmode=verify-full",
			"jdbc:postgresql://a:1,b:2/ledger?targetServerType=primary", "jdbc:postgresql:ledger",
			"jdbc:postgresql://[::1]:5432/ledger", "jdbc:postgresql:///ledger", "jdbc:postgresql:?service=books" })
	void aUrlIsTakenAsItIs(String url) {
		assertThat(of(settings(url, null, null, null, "ann")).getJdbcUrl()).isEqualTo(url);
	}

	@Test
	void aUrlMayNameItsUser() {
		ExternalDatabase database = of(new DatabaseProperties("jdbc:postgresql://db/ledger?user=ann&password=hunter2",
				null, null, null, null, null));
		assertThat(database.getUsername()).isNull();
		assertThat(database.toString()).isEqualTo("PostgreSQL at db/ledger");
	}

	@Test
	void aUrlAndAHostTogetherAreRefused() {
		assertRefused(settings("jdbc:postgresql://db/ledger?password=hunter2", "db", null, null, "ann"),
				"Both DB_URL and DB_HOST are set");
	}

	@Test
	void aServerWithoutAUserIsRefused() {
		assertRefused(settings(null, "db", null, null, null), "not the user to log in as");
		assertRefused(settings("jdbc:postgresql://db/ledger", null, null, null, null), "not the user to log in as");
	}

	@Test
	void aUserWithoutAServerIsRefused() {
		assertRefused(settings(null, null, null, null, "ann"), "neither DB_HOST nor DB_URL");
	}

	@ParameterizedTest
	@ValueSource(strings = { "x", "0", "65536", "-1", "5432.0", "tcp://10.0.0.1:5432", "99999999999" })
	void aPortThatIsNoneIsRefused(String port) {
		assertRefused(settings(null, "db", port, null, "ann"), "DB_PORT is '" + port + "', which is not a port");
	}

	@ParameterizedTest
	@ValueSource(strings = { "db:5432", "http://db", "db/ledger", "db?x", "ann@db", "a b" })
	void aHostThatIsNoneIsRefused(String host) {
		assertRefused(settings(null, host, null, null, "ann"), "DB_HOST is not the name or the address of a host");
	}

	@ParameterizedTest
	@ValueSource(strings = { "postgres://ann:hunter2@db/ledger", "postgresql://db/ledger?password=hunter2", "hunter2",
			"jdbc:mysql://db/ledger?password=hunter2", "jdbc:postgresql//db/ledger?password=hunter2" })
	void aUrlOfAnotherKindIsRefusedWithoutRepeatingIt(String url) {
		assertRefused(settings(url, null, null, null, "ann"), "not a JDBC URL of PostgreSQL");
	}

	@ParameterizedTest
	@ValueSource(
			strings = { "jdbc:postgresql://ann:hunter2@db/ledger", "jdbc:postgresql://ann:hunter2@db:5432/ledger" })
	void credentialsInFrontOfTheHostAreRefused(String url) {
		assertRefused(settings(url, null, null, null, "ann"), "contains an @");
	}

	@ParameterizedTest
	@ValueSource(strings = { "jdbc:postgresql://db?password=hunter2", "jdbc:postgresql://db:x/ledger?password=hunter2",
			"jdbc:postgresql://db/a/b?password=hunter2", "jdbc:postgresql:/ledger?password=hunter2" })
	void aUrlThatTheDriverWouldLogIsRefused(String url) {
		assertRefused(settings(url, null, null, null, "ann"), "does not name a server, a port and a database");
	}

	@Test
	void settingsDoNotShowTheirSecrets() {
		assertThat(
				new DatabaseProperties("jdbc:postgresql://db/ledger?password=hunter2", "db", "1", "n", "u", "hunter2"))
			.asString()
			.contains("db", "n", "u")
			.doesNotContain("hunter2");
	}

	private static ExternalDatabase of(DatabaseProperties settings) {
		return ExternalDatabase.of(settings).orElseThrow();
	}

	private static DatabaseProperties settings(@Nullable String url, @Nullable String host, @Nullable String port,
			@Nullable String name, @Nullable String user) {
		boolean server = url != null || host != null;
		return new DatabaseProperties(url, host, port, name, user, server ? "hunter2" : null);
	}

	private static void assertRefused(DatabaseProperties settings, String message) {
		DatabaseSetupException refused = catchThrowableOfType(DatabaseSetupException.class,
				() -> ExternalDatabase.of(settings));
		assertThat(refused).hasMessageContaining(message).hasMessageNotContaining("hunter2").hasNoCause();
		FailureAnalysis analysis = new DatabaseSetupFailureAnalyzer().analyze(new IllegalStateException(refused));
		assertThat(analysis).isNotNull();
		assertThat(analysis.getDescription()).contains(message);
		assertThat(analysis.getAction()).isNotBlank().doesNotContain("hunter2");
	}

}
