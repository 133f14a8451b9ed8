// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.datasource;

import java.time.Duration;

/**
 * What callers have waited for connections of the pool while the database was well.
 *
 * @param longest the longest wait that ended in about the last ten seconds
 * @param timedOut how many callers waited in vain since the start of the application
 */
public record Waits(Duration longest, long timedOut) {

}
