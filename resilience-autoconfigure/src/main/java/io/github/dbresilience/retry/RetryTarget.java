// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.retry;

/**
 * A data source as whoever tries a transaction again sees it.
 *
 * @param name its bean name
 * @param settings how often and how long
 * @param budget how many retries it may be given in all
 * @param transactions counts what became of transactions that were tried again
 */
public record RetryTarget(String name, RetrySettings settings, RetryBudget budget, RetryStatistics transactions) {

}
