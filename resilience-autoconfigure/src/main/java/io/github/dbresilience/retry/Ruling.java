// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.retry;

/**
 * What follows from the failure of an attempt.
 */
enum Ruling {

	/** Another attempt. */
	RETRY,

	/** It might be tried again, but attempts or time are used up. */
	EXHAUSTED,

	/** It may not be tried again. */
	REFUSED,

	/** It might be tried again, but there are too many retries in all. */
	OVER_BUDGET,

	/** It is none of the database's business: nothing is counted. */
	UNRELATED;

	void count(RetryStatistics statistics) {
		switch (this) {
			case RETRY, UNRELATED -> {
			}
			case EXHAUSTED -> statistics.exhausted();
			case REFUSED -> statistics.refused();
			case OVER_BUDGET -> statistics.overBudget();
		}
	}

}
