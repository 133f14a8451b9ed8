// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.alert;

/**
 * What became of the events for one listener, since the start. Immutable.
 *
 * @param listener the name of the listener
 * @param delivered events that it took
 * @param failed events at which it threw; of a sink, that did not reach their target
 * @param dropped events that it was never told of, as its queue was full or the
 * application had stopped
 */
public record ListenerStatistics(String listener, long delivered, long failed, long dropped) {

}
