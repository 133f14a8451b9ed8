// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.sample.input;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

import jakarta.validation.Constraint;
import jakarta.validation.Payload;
import jakarta.validation.constraints.Pattern;
import jakarta.validation.constraints.Size;

/**
 * Up to 100 characters of text in one line. PostgreSQL stores no NUL character, and half
 * of a surrogate pair is no character at all.
 */
@Size(max = 100, message = "has to have at most 100 characters")
@Pattern(regexp = "[^\\p{Cntrl}\\p{Cs}]*", message = "has to be a line of text without control characters")
@Constraint(validatedBy = {})
@Target({ ElementType.FIELD, ElementType.METHOD, ElementType.PARAMETER, ElementType.RECORD_COMPONENT })
@Retention(RetentionPolicy.RUNTIME)
@Documented
public @interface PlainText {

	/**
	 * Not used: the parts have messages of their own.
	 * @return the message
	 */
	String message() default "is not plain text";

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
