// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.testing;

import java.util.List;
import java.util.Map;

/**
 * What a test wants of its server.
 *
 * @param port the port
 * @param tls whether the server speaks TLS
 * @param rules the access rules for all but the administrator, in the format of
 * pg_hba.conf
 * @param settings the settings, by name
 */
record ServerOptions(int port, Tls tls, List<String> rules, Map<String, String> settings) {

	enum Tls {

		OFF, ON

	}

}
