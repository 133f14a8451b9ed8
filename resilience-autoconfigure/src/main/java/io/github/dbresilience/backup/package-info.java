// SPDX-License-Identifier: Apache-2.0
/**
 * Reads the status file that the backup scripts write.
 */
@NullMarked
package io.github.dbresilience.backup;

import org.jspecify.annotations.NullMarked;
