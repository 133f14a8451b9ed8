// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.fault;

/**
 * What is known about the attempted work, and so what may be done about it.
 */
public enum Verdict {

	/** Known not to have happened, and likely to succeed when tried again. */
	RETRY,

	/** May or may not have happened. Never retried. */
	UNKNOWN,

	/** Trying again cannot help: the caller's problem. */
	FAIL

}
