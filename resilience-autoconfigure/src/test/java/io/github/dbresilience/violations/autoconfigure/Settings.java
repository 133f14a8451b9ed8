// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.violations.autoconfigure;

/**
 * What {@code monitor} must not know.
 */
public class Settings {

}
