// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.monitor;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.time.Duration;

import io.github.dbresilience.datasource.Protection;
import io.github.dbresilience.datasource.ResilientDataSources;
import io.github.dbresilience.datasource.StartupSettings.OnTimeout;
import io.github.dbresilience.fault.FaultClassifier;
import io.github.dbresilience.fault.Phase;
import io.github.dbresilience.retry.Deadline;
import io.github.dbresilience.retry.RetrySettings;
import io.github.dbresilience.retry.RetryStatistics;
import io.github.dbresilience.retry.Retryer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.beans.factory.InitializingBean;

/**
 * Waits for the databases before anything of the application uses them, migrations and
 * JPA included. What waiting cannot cure fails at once.
 */
public final class StartupWait implements InitializingBean {

	private static final Logger logger = LoggerFactory.getLogger(StartupWait.class);

	private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);

	private final ResilientDataSources dataSources;

	/**
	 * Creates the wait.
	 * @param dataSources what is waited for
	 */
	public StartupWait(ResilientDataSources dataSources) {
		this.dataSources = dataSources;
	}

	@Override
	public void afterPropertiesSet() {
		this.dataSources.all()
			.stream()
			.filter((protection) -> protection.settings().startup().await() && protection.pool() != null)
			.forEach(StartupWait::await);
	}

	private static void await(Protection protection) {
		Duration maxWait = protection.settings().startup().maxWait();
		RetrySettings defaults = RetrySettings.defaults();
		RetrySettings steady = new RetrySettings(true, Integer.MAX_VALUE, Duration.ofMillis(200), 1.5,
				Duration.ofSeconds(1), defaults.jitter(), maxWait, null, defaults.transactions(), defaults.budget(),
				defaults.insideTransaction());
		Deadline deadline = Deadline.after(maxWait, System::nanoTime);
		FirstFailure first = new FirstFailure(protection.name(), maxWait);
		try {
			Retryer.of(steady)
				.run(protection.name() + " (start-up)", () -> connect(protection, first),
						(failure) -> ConfigurationFault.of(failure) == null, deadline, new RetryStatistics());
			protection.commits().keeper().verifyQuietly();
		}
		catch (SQLException ex) {
			giveUp(protection, deadline.elapsed(), ex);
		}
	}

	private static boolean connect(Protection protection, FirstFailure first) throws SQLException {
		try (Connection connection = protection.unpooled().open(CONNECT_TIMEOUT, "start-up")) {
			if (!connection.isValid((int) CONNECT_TIMEOUT.toSeconds())) {
				throw new SQLTransientConnectionException("The server let us in, but does not answer", "08006");
			}
			return true;
		}
		catch (SQLException ex) {
			first.log(ex);
			throw ex;
		}
	}

	private static void giveUp(Protection protection, Duration waited, SQLException failure) {
		DatabaseNotReadyException notReady = new DatabaseNotReadyException(protection.name(), waited, failure);
		if (notReady.configurationFault() == null
				&& protection.settings().startup().onTimeout() == OnTimeout.CONTINUE) {
			logger.warn("{} - starting without the database: {}", protection.name(), notReady.getMessage());
			return;
		}
		throw notReady;
	}

	/**
	 * Tells the operator once why the start takes longer.
	 */
	private static final class FirstFailure {

		private final String name;

		private final Duration maxWait;

		private boolean logged;

		FirstFailure(String name, Duration maxWait) {
			this.name = name;
			this.maxWait = maxWait;
		}

		void log(SQLException failure) {
			if (!this.logged && ConfigurationFault.of(failure) == null) {
				this.logged = true;
				logger.warn("{} - waiting up to {} s for the database: {}", this.name, this.maxWait.toSeconds(),
						FaultClassifier.classify(failure, Phase.ACQUISITION).describe());
			}
		}

	}

}
