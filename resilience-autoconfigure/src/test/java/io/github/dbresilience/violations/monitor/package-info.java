// SPDX-License-Identifier: Apache-2.0
/**
 * Has a description, but is not null-marked.
 */
package io.github.dbresilience.violations.monitor;
