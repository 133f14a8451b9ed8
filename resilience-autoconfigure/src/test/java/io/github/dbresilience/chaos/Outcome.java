// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.chaos;

/**
 * What a caller was told about its operation.
 */
enum Outcome {

	/** It returned: it happened, once. */
	OK,

	/** An exception that leaves no doubt: it did not happen. */
	FAILED,

	/** An exception that says that nobody knows. */
	UNKNOWN

}
