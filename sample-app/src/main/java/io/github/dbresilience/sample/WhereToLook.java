// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.sample;

import io.github.dbresilience.sample.database.LedgerDatabase;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.context.event.EventListener;
import org.springframework.core.env.Environment;
import org.springframework.stereotype.Component;

/**
 * Says in one line where to look, once the application is ready.
 */
@Component
class WhereToLook {

	private static final Logger log = LoggerFactory.getLogger(WhereToLook.class);

	private final LedgerDatabase database;

	private final Environment environment;

	WhereToLook(LedgerDatabase database, Environment environment) {
		this.database = database;
		this.environment = environment;
	}

	@EventListener(ApplicationReadyEvent.class)
	void say() {
		String port = this.environment.getProperty("local.server.port");
		if (port == null) {
			return;
		}
		String path = this.environment.getProperty("server.servlet.context-path", "");
		String api = "http://localhost:" + port + path;
		String actuator = "http://localhost:" + this.environment.getProperty("local.management.port", port) + path
				+ "/actuator";
		log.info("Ready: API {}/api/accounts, health {}/health, metrics {}/prometheus, database {}", api, actuator,
				actuator, this.database.description());
	}

}
