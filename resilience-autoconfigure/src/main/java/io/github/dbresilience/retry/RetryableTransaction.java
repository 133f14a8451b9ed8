// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.retry;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Says that a transactional method, or each transactional method of a class, may be run
 * again as a whole when the database failed and nothing was committed. Every attempt gets
 * a transaction of its own.
 * <p>
 * <b>What the method does outside the database happens again with each attempt</b>: a
 * mail is sent twice. It takes ids and values, not entities: a method whose arguments
 * were changed by a failed attempt is not run again.
 * <p>
 * It belongs on the outermost transactional method. Inside a transaction that nobody
 * tries again the method is refused with {@link RetryInsideTransactionException}.
 */
@Target({ ElementType.METHOD, ElementType.TYPE })
@Retention(RetentionPolicy.RUNTIME)
@Inherited
@Documented
public @interface RetryableTransaction {

	/**
	 * Attempts that may reach the server, the first one included.
	 * @return 1 to 1000, or -1 for {@code db.resilience.retry.max-attempts}
	 */
	int maxAttempts() default -1;

	/**
	 * One deadline over all attempts. The time-out of the transaction, where it has one,
	 * goes before.
	 * @return a duration such as {@code 10s}, empty for
	 * {@code db.resilience.retry.max-duration}
	 */
	String maxDuration() default "";

	/**
	 * Upper bound of the first back-off.
	 * @return a duration such as {@code 50ms}, empty for
	 * {@code db.resilience.retry.initial-interval}
	 */
	String initialInterval() default "";

}
