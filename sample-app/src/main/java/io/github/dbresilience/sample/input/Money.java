// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.sample.input;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

import jakarta.validation.Constraint;
import jakarta.validation.Payload;
import jakarta.validation.constraints.DecimalMax;
import jakarta.validation.constraints.Digits;
import jakarta.validation.constraints.NotNull;

/**
 * An amount of money that is present, at most a thousand million, and in whole cents.
 */
@NotNull(message = "has to be present")
@DecimalMax(value = "1000000000", message = "has to be at most 1000000000")
@Digits(integer = 10, fraction = 2, message = "has to have at most 2 decimal places")
@Constraint(validatedBy = {})
@Target({ ElementType.FIELD, ElementType.METHOD, ElementType.PARAMETER, ElementType.RECORD_COMPONENT })
@Retention(RetentionPolicy.RUNTIME)
@Documented
public @interface Money {

	/**
	 * Not used: the parts have messages of their own.
	 * @return the message
	 */
	String message() default "is not an amount of money";

	/**
	 * The groups.
	 * @return validation groups
	 */
	Class<?>[] groups() default {};

	/**
	 * The payload.
	 * @return clients' data
	 */
	Class<? extends Payload>[] payload() default {};

}
