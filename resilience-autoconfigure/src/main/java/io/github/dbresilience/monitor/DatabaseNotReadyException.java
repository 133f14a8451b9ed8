// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.monitor;

import java.io.Serial;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Locale;

import io.github.dbresilience.fault.FaultClassifier;
import io.github.dbresilience.fault.Phase;
import org.jspecify.annotations.Nullable;

/**
 * The database cannot be used at start-up: it did not answer in time, or it refused in a
 * way that waiting cannot cure.
 */
public class DatabaseNotReadyException extends IllegalStateException {

	@Serial
	private static final long serialVersionUID = 1L;

	private final String dataSource;

	private final @Nullable ConfigurationFault fault;

	DatabaseNotReadyException(String dataSource, Duration waited, SQLException cause) {
		super(message(dataSource, waited, cause), cause);
		this.dataSource = dataSource;
		this.fault = ConfigurationFault.of(cause);
	}

	private static String message(String dataSource, Duration waited, SQLException cause) {
		ConfigurationFault fault = ConfigurationFault.of(cause);
		String what = (fault != null) ? fault.meaning()
				: String.format(Locale.ROOT, "It did not answer within %.1f s.", waited.toMillis() / 1000.0);
		return "The database of the data source '%s' cannot be used. %s The driver says: %s".formatted(dataSource, what,
				FaultClassifier.classify(cause, Phase.ACQUISITION).describe());
	}

	@Nullable ConfigurationFault configurationFault() {
		return this.fault;
	}

	/**
	 * What an operator can do.
	 * @return a sentence or two
	 */
	public String mend() {
		if (this.fault != null) {
			return this.fault.mend();
		}
		return "Check that the server runs and that the host and port in spring.datasource.url are right. "
				+ "To wait longer set db.resilience.startup.max-wait, to start without the database set "
				+ "db.resilience.startup.on-timeout=continue.";
	}

	/**
	 * The data source.
	 * @return its bean name
	 */
	public String dataSource() {
		return this.dataSource;
	}

}
