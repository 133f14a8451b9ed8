// SPDX-License-Identifier: Apache-2.0
/**
 * What a web application answers over HTTP while its database fails.
 */
@NullMarked
package io.github.dbresilience.http;

import org.jspecify.annotations.NullMarked;
