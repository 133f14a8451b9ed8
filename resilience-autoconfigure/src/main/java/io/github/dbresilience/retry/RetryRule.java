// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.retry;

/**
 * Decides about failures. Asked exactly once for each.
 */
@FunctionalInterface
interface RetryRule {

	/**
	 * Decides what follows from a failure.
	 * @param failure what the attempt threw
	 * @param attempts the attempts that were made, this one included
	 * @return the ruling
	 */
	Ruling judge(Throwable failure, int attempts);

}
