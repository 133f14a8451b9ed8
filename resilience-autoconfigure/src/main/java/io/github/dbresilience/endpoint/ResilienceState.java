// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.endpoint;

import java.util.List;
import java.util.Map;

import io.github.dbresilience.monitor.MonitorEvent;

/**
 * What is known of all data sources.
 *
 * @param dataSources each by its bean name
 * @param events what happened lately, the newest first
 */
public record ResilienceState(Map<String, DataSourceState> dataSources, List<Event> events) {

	/**
	 * Something that happened.
	 *
	 * @param at when, as ISO text
	 * @param dataSource the bean name of the data source
	 * @param kind what
	 * @param message the same in words
	 */
	public record Event(String at, String dataSource, MonitorEvent.Kind kind, String message) {

		static Event of(MonitorEvent event) {
			return new Event(event.at().toString(), event.dataSource(), event.kind(), event.message());
		}

	}

}
