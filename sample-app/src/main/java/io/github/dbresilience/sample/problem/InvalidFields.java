// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.sample.problem;

import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;

import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.exc.InputCoercionException;
import tools.jackson.databind.DatabindException;
import tools.jackson.databind.exc.InvalidFormatException;

import org.springframework.context.MessageSourceResolvable;
import org.springframework.validation.Errors;
import org.springframework.validation.FieldError;
import org.springframework.validation.method.MethodValidationResult;
import org.springframework.validation.method.ParameterErrors;
import org.springframework.validation.method.ParameterValidationResult;

/**
 * Names the fields that are wrong, whoever found it. Never repeats a value of the client.
 */
final class InvalidFields {

	private InvalidFields() {
	}

	static List<InvalidField> of(Errors errors) {
		return errors.getAllErrors().stream().map((error) -> {
			String field = (error instanceof FieldError fieldError) ? fieldError.getField() : "";
			return new InvalidField(field, message(error));
		}).toList();
	}

	static List<InvalidField> of(MethodValidationResult result) {
		return result.getParameterValidationResults()
			.stream()
			.flatMap(
					(parameter) -> ((parameter instanceof ParameterErrors errors) ? of((Errors) errors) : of(parameter))
						.stream())
			.toList();
	}

	private static List<InvalidField> of(ParameterValidationResult parameter) {
		String name = Objects.requireNonNullElse(parameter.getMethodParameter().getParameterName(), "");
		return parameter.getResolvableErrors().stream().map((error) -> new InvalidField(name, message(error))).toList();
	}

	static InvalidField ofUnreadable(@Nullable Throwable unreadable) {
		boolean readable = unreadable instanceof DatabindException || unreadable instanceof InputCoercionException;
		if (readable && unreadable instanceof JacksonException mismatch && !mismatch.getPath().isEmpty()) {
			return new InvalidField(path(mismatch), expectation(mismatch));
		}
		return new InvalidField("", "The body has to be a JSON object.");
	}

	static InvalidField ofType(String name, @Nullable Class<?> type) {
		return new InvalidField(name, (type != null) ? "has to be " + describe(type) : "is malformed");
	}

	private static String expectation(JacksonException mismatch) {
		if (mismatch instanceof InvalidFormatException format && format.getTargetType() != null) {
			return "has to be " + describe(format.getTargetType());
		}
		if (mismatch instanceof InputCoercionException) {
			return "is out of range";
		}
		return "has the wrong type";
	}

	private static String describe(Class<?> type) {
		return switch (type.getSimpleName()) {
			case "UUID" -> "a UUID of 36 characters";
			case "Integer", "int", "Long", "long" -> "a whole number";
			case "BigDecimal" -> "a number";
			default -> "of another type";
		};
	}

	/** The path in the notation of Bean Validation, for example {@code lines[0].sku}. */
	private static String path(JacksonException mismatch) {
		return mismatch.getPath()
			.stream()
			.map((step) -> (step.getPropertyName() != null) ? "." + step.getPropertyName()
					: "[" + step.getIndex() + "]")
			.collect(Collectors.joining())
			.replaceFirst("^\\.", "");
	}

	private static String message(MessageSourceResolvable error) {
		return Objects.requireNonNullElse(error.getDefaultMessage(), "is invalid");
	}

}
