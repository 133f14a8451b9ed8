// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.commit;

import java.time.Duration;

import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * How the outcome of a lost COMMIT is found out.
 *
 * @param strategy How the outcome is found out.
 * @param maxWait How long the outcome is looked for; the deadline of a retried
 * transaction bounds it too.
 * @param schema Schema of the commit tokens.
 * @param create Whether the starter creates the schema.
 * @param retention How long the tokens of commits are kept.
 * @param abandonedRetention How long the tokens of transactions that were declared not
 * committed are kept.
 */
public record CommitOutcomeSettings(@DefaultValue("token") Strategy strategy, @DefaultValue("15s") Duration maxWait,
		@DefaultValue("db_resilience") String schema, @DefaultValue("auto") Create create,
		@DefaultValue("1h") Duration retention, @DefaultValue("24h") Duration abandonedRetention) {

	/**
	 * The settings that the documentation calls the defaults.
	 * @return the defaults
	 */
	public static CommitOutcomeSettings defaults() {
		return new CommitOutcomeSettings(Strategy.TOKEN, Duration.ofSeconds(15), "db_resilience", Create.AUTO,
				Duration.ofHours(1), Duration.ofHours(24));
	}

	/**
	 * How the outcome is found out.
	 */
	public enum Strategy {

		/** By a token that every writing transaction leaves with its COMMIT. */
		TOKEN,

		/** Not at all: a lost COMMIT is unknown. */
		OFF

	}

	/**
	 * Whether the starter creates the schema.
	 */
	public enum Create {

		/**
		 * Where it is missing, the role may, and no publication {@code FOR ALL TABLES}
		 * would carry the table to subscribers that lack it.
		 */
		AUTO,

		/** Never: a migration or an administrator does. */
		NEVER

	}

}
