// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.benchmark;

/**
 * How often one transaction asks the server for an answer: once per statement and once to
 * commit. BEGIN is asked for too, but goes with the first statement and is not waited
 * for.
 *
 * @param workload the transaction
 * @param plain requests with plain HikariCP and Spring
 * @param starter requests with the starter
 */
record RoundTrips(Workload workload, double plain, double starter) {
}
