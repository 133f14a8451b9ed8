// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.metrics;

import java.util.List;

import io.github.dbresilience.alert.AlertEvent;
import io.github.dbresilience.monitor.Snapshot;

/**
 * What the meters of one data source read, from memory. A registry holds it weakly, so
 * whoever binds the meters keeps it.
 */
interface Source {

	Snapshot snapshot();

	/**
	 * The alerts that fire, those of other data sources included.
	 */
	List<AlertEvent> alerts();

}
