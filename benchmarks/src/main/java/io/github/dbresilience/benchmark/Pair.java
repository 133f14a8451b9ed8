// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.benchmark;

/**
 * Two blocks, one right after the other.
 *
 * @param plain the block of plain HikariCP and Spring
 * @param starter the block of the starter
 */
record Pair(Block plain, Block starter) {
}
