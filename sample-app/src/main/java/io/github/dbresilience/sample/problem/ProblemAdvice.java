// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.sample.problem;

import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.beans.TypeMismatchException;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.MediaType;
import org.springframework.http.ProblemDetail;
import org.springframework.http.ResponseEntity;
import org.springframework.http.converter.HttpMessageNotReadableException;
import org.springframework.web.bind.MethodArgumentNotValidException;
import org.springframework.web.bind.MissingServletRequestParameterException;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.RestControllerAdvice;
import org.springframework.web.context.request.WebRequest;
import org.springframework.web.method.annotation.HandlerMethodValidationException;
import org.springframework.web.method.annotation.MethodArgumentTypeMismatchException;
import org.springframework.web.servlet.mvc.method.annotation.ResponseEntityExceptionHandler;

/**
 * Answers every failure by {@code application/problem+json}. A failure of the database is
 * a 503 with {@code Retry-After}, never a 500. Nothing of an exception that a client did
 * not cause leaves the server.
 */
@RestControllerAdvice
class ProblemAdvice extends ResponseEntityExceptionHandler {

	private static final Logger log = LoggerFactory.getLogger(ProblemAdvice.class);

	@ExceptionHandler(RefusedException.class)
	ResponseEntity<ProblemDetail> handleRefused(RefusedException refused) {
		return answer(refused.type().withDetail(String.valueOf(refused.getMessage())));
	}

	@ExceptionHandler(InvalidInputException.class)
	ResponseEntity<ProblemDetail> handleInvalidInput(InvalidInputException invalid) {
		return answer(problem(List.of(invalid.invalidField())));
	}

	@ExceptionHandler(Exception.class)
	ResponseEntity<ProblemDetail> handleAny(Exception failure) {
		Optional<DatabaseProblem> found = DatabaseProblem.find(failure);
		if (found.isEmpty()) {
			log.error("A request failed", failure);
			return answer(ProblemType.INTERNAL_ERROR.withDetail("The server made a mistake and has noted it."));
		}
		log.debug("A request failed with the database", failure);
		HttpHeaders headers = new HttpHeaders();
		headers.set(HttpHeaders.RETRY_AFTER, found.get().retryAfterSeconds());
		return answer(found.get().type().withDetail(found.get().detail()), headers);
	}

	@Override
	protected @Nullable ResponseEntity<Object> handleMethodArgumentNotValid(MethodArgumentNotValidException invalid,
			HttpHeaders headers, HttpStatusCode status, WebRequest request) {
		return invalid(invalid, InvalidFields.of(invalid.getBindingResult()), headers, request);
	}

	@Override
	protected @Nullable ResponseEntity<Object> handleHandlerMethodValidationException(
			HandlerMethodValidationException invalid, HttpHeaders headers, HttpStatusCode status, WebRequest request) {
		return invalid(invalid, InvalidFields.of(invalid), headers, request);
	}

	@Override
	protected @Nullable ResponseEntity<Object> handleTypeMismatch(TypeMismatchException mismatch, HttpHeaders headers,
			HttpStatusCode status, WebRequest request) {
		String name = (mismatch instanceof MethodArgumentTypeMismatchException argument) ? argument.getName() : "";
		return invalid(mismatch, List.of(InvalidFields.ofType(name, mismatch.getRequiredType())), headers, request);
	}

	@Override
	protected @Nullable ResponseEntity<Object> handleHttpMessageNotReadable(HttpMessageNotReadableException unreadable,
			HttpHeaders headers, HttpStatusCode status, WebRequest request) {
		return invalid(unreadable, List.of(InvalidFields.ofUnreadable(unreadable.getCause())), headers, request);
	}

	@Override
	protected @Nullable ResponseEntity<Object> handleMissingServletRequestParameter(
			MissingServletRequestParameterException missing, HttpHeaders headers, HttpStatusCode status,
			WebRequest request) {
		InvalidField field = new InvalidField(missing.getParameterName(), "has to be present");
		return invalid(missing, List.of(field), headers, request);
	}

	private @Nullable ResponseEntity<Object> invalid(Exception cause, List<InvalidField> fields, HttpHeaders headers,
			WebRequest request) {
		ProblemDetail problem = problem(fields);
		return handleExceptionInternal(cause, problem, headers, HttpStatusCode.valueOf(problem.getStatus()), request);
	}

	private static ProblemDetail problem(List<InvalidField> fields) {
		String detail = fields.stream().map(InvalidField::toString).sorted().collect(Collectors.joining("; "));
		ProblemDetail problem = ProblemType.INVALID_INPUT.withDetail(detail);
		problem.setProperty("errors", fields);
		return problem;
	}

	private static ResponseEntity<ProblemDetail> answer(ProblemDetail problem) {
		return answer(problem, new HttpHeaders());
	}

	private static ResponseEntity<ProblemDetail> answer(ProblemDetail problem, HttpHeaders headers) {
		return ResponseEntity.status(problem.getStatus())
			.headers(headers)
			.contentType(MediaType.APPLICATION_PROBLEM_JSON)
			.body(problem);
	}

}
