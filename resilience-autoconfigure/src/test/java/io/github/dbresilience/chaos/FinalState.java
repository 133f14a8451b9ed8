// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.chaos;

import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * What the database holds after the last operation has ended. Lists of ids are bags: they
 * have everything as often as the table has it.
 *
 * @param balances by account
 * @param transfers the recorded ones
 * @param inserts the inserted ids
 * @param counters by key
 * @param lists by key
 */
record FinalState(Map<Integer, Long> balances, List<Action.Transfer> transfers, List<UUID> inserts,
		Map<Integer, Long> counters, Map<Integer, List<Long>> lists) {
}
