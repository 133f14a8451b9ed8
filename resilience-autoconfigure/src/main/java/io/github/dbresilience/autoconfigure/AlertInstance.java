// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.autoconfigure;

import java.net.InetAddress;
import java.net.UnknownHostException;

import org.jspecify.annotations.Nullable;

import org.springframework.core.env.Environment;
import org.springframework.util.StringUtils;

/**
 * Names this instance of the application where nobody has: by the host, and by the port
 * where that is fixed.
 */
final class AlertInstance {

	private AlertInstance() {
	}

	static String name(@Nullable String configured, Environment environment) {
		if (StringUtils.hasText(configured)) {
			return configured.strip();
		}
		String port = environment.getProperty("server.port", "");
		boolean fixed = port.matches("[1-9]\\d*");
		return fixed ? host(environment) + ":" + port : host(environment);
	}

	private static String host(Environment environment) {
		String name = environment.getProperty("HOSTNAME");
		if (StringUtils.hasText(name)) {
			return name;
		}
		try {
			return InetAddress.getLocalHost().getHostName();
		}
		catch (UnknownHostException ex) {
			return "localhost";
		}
	}

}
