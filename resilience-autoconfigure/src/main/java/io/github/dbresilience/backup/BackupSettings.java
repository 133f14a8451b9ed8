// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.backup;

import java.nio.file.Path;

import org.jspecify.annotations.Nullable;

/**
 * What is known of backups.
 *
 * @param statusFile File in which the backup scripts tell what they did.
 */
public record BackupSettings(@Nullable Path statusFile) {

}
