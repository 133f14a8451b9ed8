// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.threshold;

import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.bind.Name;

/**
 * A threshold as it is configured; what is not set is the default of its
 * {@link ThresholdKind}.
 *
 * @param enabled Whether it is looked at.
 * @param warning Limit of a warning, in the unit of the threshold, or off.
 * @param critical Limit that is critical, in the unit of the threshold, or off.
 * @param forAtLeast How long the limit has to be passed without a break.
 * @param resolveAfter How long the value has to be below 90 % of the limit.
 */
public record ThresholdProperties(@Nullable Boolean enabled, @Nullable String warning, @Nullable String critical,
		@Name("for") @Nullable String forAtLeast, @Nullable String resolveAfter) {

	/** Nothing is configured. */
	public static final ThresholdProperties NONE = new ThresholdProperties(null, null, null, null, null);

}
