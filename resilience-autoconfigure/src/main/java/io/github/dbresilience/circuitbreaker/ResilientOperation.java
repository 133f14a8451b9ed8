// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.circuitbreaker;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Gives a method a circuit breaker of its own and, if wanted, a fallback. The breaker
 * opens on failures of the database only; its settings are
 * {@code db.resilience.operations.<name>.*}. The method runs on the caller's thread.
 * <p>
 * With a fallback the method does not wait for a database that is away: it makes a single
 * attempt and answers by the fallback. The fallback runs after the failed transaction has
 * ended. <b>It does not run when the outcome of the work is unknown, nor inside a
 * transaction of the caller's, nor for an error that is not the database's
 * availability.</b>
 */
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
@Inherited
@Documented
public @interface ResilientOperation {

	/**
	 * The name of the operation, of its breaker and of its settings.
	 * @return a name in kebab case
	 */
	String name();

	/**
	 * The name of a method of the same class that answers instead. It takes the same
	 * parameters, optionally followed by a {@link Throwable}, and returns a compatible
	 * type. A name that fits no method fails the start of the application.
	 * @return the method's name, empty for no fallback
	 */
	String fallbackMethod() default "";

}
