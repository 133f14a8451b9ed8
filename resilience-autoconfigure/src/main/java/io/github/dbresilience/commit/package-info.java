// SPDX-License-Identifier: Apache-2.0
/**
 * What became of a COMMIT whose answer was lost: a token is written with every commit,
 * and looked for when the connection broke.
 */
@NullMarked
package io.github.dbresilience.commit;

import org.jspecify.annotations.NullMarked;
