// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.testing;

import java.util.Arrays;
import java.util.regex.Pattern;

/**
 * Finds COMMIT in the text of a query, which may have several statements.
 */
final class CommitStatement {

	private static final Pattern WORD = Pattern.compile("\\b(commit|end)\\b", Pattern.CASE_INSENSITIVE);

	/** Literals, quoted names and comments. */
	private static final Pattern NOISE = Pattern
		.compile("'[^']*'|\"[^\"]*\"|\\$(\\w*)\\$.*?\\$\\1\\$|--[^\\n]*|/\\*.*?\\*/", Pattern.DOTALL);

	private static final Pattern COMMIT = Pattern
		.compile("(commit|end)(\\s+(work|transaction))?(\\s+and(\\s+no)?\\s+chain)?", Pattern.CASE_INSENSITIVE);

	private CommitStatement() {
	}

	/**
	 * Whether one of the statements ends a transaction successfully. COMMIT PREPARED is
	 * none.
	 * @param sql the text
	 * @return whether it commits
	 */
	static boolean isIn(String sql) {
		return WORD.matcher(sql).find() && Arrays.stream(NOISE.matcher(sql).replaceAll(" ").split(";"))
			.anyMatch((statement) -> COMMIT.matcher(statement.strip()).matches());
	}

}
