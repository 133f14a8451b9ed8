// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.datasource;

import java.time.Duration;

import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.boot.context.properties.bind.Name;

/**
 * What happens when the database is away while the application starts.
 *
 * @param await Whether the start waits for the database.
 * @param maxWait How long the start waits.
 * @param onTimeout What happens when the wait is over.
 */
public record StartupSettings(@Name("wait") @DefaultValue("true") boolean await, @DefaultValue("60s") Duration maxWait,
		@DefaultValue("fail") OnTimeout onTimeout) {

	/**
	 * What happens when the wait is over.
	 */
	public enum OnTimeout {

		/** The application does not start. */
		FAIL,

		/** The application starts without its database. */
		CONTINUE

	}

}
