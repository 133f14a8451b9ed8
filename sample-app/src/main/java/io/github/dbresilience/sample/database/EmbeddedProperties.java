// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.sample.database;

import java.nio.file.Path;
import java.time.Duration;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The embedded PostgreSQL.
 *
 * @param dataDirectory Directory of the data, kept between starts.
 * @param binariesDirectory Directory where the server's programs are unpacked to.
 * @param port Port on localhost, 0 for a free one.
 * @param clean Whether to throw the data away at start.
 * @param startupTimeout How long the server may take to start, recovery after a crash
 * included.
 */
@ConfigurationProperties("sample.embedded")
record EmbeddedProperties(Path dataDirectory, Path binariesDirectory, @DefaultValue("0") int port,
		@DefaultValue("false") boolean clean, @DefaultValue("60s") Duration startupTimeout) {
}
