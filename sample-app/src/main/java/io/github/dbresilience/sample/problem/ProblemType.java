// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.sample.problem;

import java.net.URI;
import java.util.Locale;

import org.springframework.http.HttpStatus;
import org.springframework.http.ProblemDetail;

/**
 * The problems that the API knows, each with its HTTP status and a stable URN.
 */
public enum ProblemType {

	/** A field or a parameter is missing, malformed or out of bounds. */
	INVALID_INPUT(HttpStatus.BAD_REQUEST, "Invalid input"),

	/** What the request names does not exist. */
	NOT_FOUND(HttpStatus.NOT_FOUND, "Not found"),

	/** The id chosen by the client is taken: most likely an earlier try succeeded. */
	ALREADY_EXISTS(HttpStatus.CONFLICT, "Already exists"),

	/** The account holds less than is to be paid. */
	INSUFFICIENT_FUNDS(HttpStatus.UNPROCESSABLE_CONTENT, "Insufficient funds"),

	/** The stock holds less than is ordered. */
	OUT_OF_STOCK(HttpStatus.UNPROCESSABLE_CONTENT, "Out of stock"),

	/** The database is away, overloaded, or lost the connection. */
	DATABASE_UNAVAILABLE(HttpStatus.SERVICE_UNAVAILABLE, "Database unavailable"),

	/** The connection was lost, and whether the request was carried out is not known. */
	OUTCOME_UNKNOWN(HttpStatus.SERVICE_UNAVAILABLE, "Outcome unknown"),

	/** Other transactions got in the way more often than was worth another try. */
	TRANSACTION_CONFLICT(HttpStatus.SERVICE_UNAVAILABLE, "Transaction conflict"),

	/** A mistake of ours. */
	INTERNAL_ERROR(HttpStatus.INTERNAL_SERVER_ERROR, "Internal error");

	private final HttpStatus status;

	private final String title;

	ProblemType(HttpStatus status, String title) {
		this.status = status;
		this.title = title;
	}

	/**
	 * The type as it appears in a response.
	 * @return for example {@code urn:db-resilience:problem:not-found}
	 */
	public URI uri() {
		return URI.create("urn:db-resilience:problem:" + name().toLowerCase(Locale.ROOT).replace('_', '-'));
	}

	ProblemDetail withDetail(String detail) {
		ProblemDetail problem = ProblemDetail.forStatusAndDetail(this.status, detail);
		problem.setType(uri());
		problem.setTitle(this.title);
		return problem;
	}

}
