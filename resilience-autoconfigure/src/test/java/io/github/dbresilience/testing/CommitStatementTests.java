// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.testing;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link CommitStatement}.
 */
class CommitStatementTests {

	@ParameterizedTest
	@ValueSource(strings = { "COMMIT", " commit ; ", "select mark($1); COMMIT", "/* why */ Commit -- so", "end",
			"commit work", "COMMIT TRANSACTION AND NO CHAIN", "select 'it''s'; commit; select 1" })
	void aCommitIsFound(String sql) {
		assertThat(CommitStatement.isIn(sql)).isTrue();
	}

	@ParameterizedTest
	@ValueSource(strings = { "select 1", "select 'a; commit; b'", "select \"commit\"", "commit prepared 'x'",
			"do $$ begin commit; end $$", "do $x$ begin perform 1; end; $x$", "-- commit\nselect 1",
			"/* ; commit; */ select 1", "rollback", "select commit from t", "prepare transaction 'commit'" })
	void whatIsNoneIsNot(String sql) {
		assertThat(CommitStatement.isIn(sql)).isFalse();
	}

}
