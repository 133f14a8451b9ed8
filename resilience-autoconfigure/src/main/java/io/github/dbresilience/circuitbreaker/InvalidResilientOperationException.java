// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.circuitbreaker;

import java.io.Serial;
import java.lang.reflect.Method;

/**
 * A method is annotated with {@link ResilientOperation} in a way that cannot work.
 */
public class InvalidResilientOperationException extends IllegalStateException {

	@Serial
	private static final long serialVersionUID = 1L;

	InvalidResilientOperationException(Method method, String problem) {
		super("@ResilientOperation on %s.%s cannot work: %s".formatted(method.getDeclaringClass().getName(),
				method.getName(), problem));
	}

}
