// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.alert;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes alerts to the log: ERROR and WARN while they are the matter, INFO when they are
 * over.
 */
final class LogSink implements Sink {

	private static final Logger logger = LoggerFactory.getLogger(LogSink.class);

	@Override
	public void onAlert(AlertEvent event) {
		if (event.status() == AlertEvent.Status.RESOLVED) {
			logger.info("{} - alert {} is over: {}", event.dataSource(), event.name(), event.summary());
		}
		else if (event.severity() == AlertSeverity.CRITICAL) {
			logger.error("{} - alert {}, critical: {}", event.dataSource(), event.name(), event.summary());
		}
		else {
			logger.warn("{} - alert {}, warning: {}", event.dataSource(), event.name(), event.summary());
		}
	}

}
