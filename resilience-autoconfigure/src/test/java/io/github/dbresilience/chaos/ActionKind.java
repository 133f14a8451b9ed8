// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.chaos;

/**
 * What callers ask for.
 */
enum ActionKind {

	TRANSFER, INSERT, INCREMENT, LISTS, READ

}
