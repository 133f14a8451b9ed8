// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.benchmark;

/**
 * Many transactions of one contender in a row.
 *
 * @param medianMicros the median time of one transaction, in microseconds
 * @param perSecond how many transactions were done in a second by all threads
 * @param cpuMicros the processor time that a transaction took in this JVM, in
 * microseconds
 */
record Block(double medianMicros, double perSecond, double cpuMicros) {
}
