// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.violations.autoconfigure;

import org.springframework.boot.autoconfigure.AutoConfiguration;

/**
 * Breaks the rule that auto-configurations are final and their beans package-private.
 */
@AutoConfiguration
public class OpenAutoConfiguration {

}
