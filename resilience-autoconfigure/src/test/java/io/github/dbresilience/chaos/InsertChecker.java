// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.chaos;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * Inserts with an id into a table that would take them twice.
 */
final class InsertChecker implements Checker {

	@Override
	public List<Finding> check(History history, FinalState state) {
		Map<UUID, Operation> claims = new LinkedHashMap<>();
		for (Operation operation : history.of(Action.Insert.class)) {
			claims.put(((Action.Insert) operation.action()).id(), operation);
		}
		return Presence.check("insert", claims, state.inserts());
	}

}
