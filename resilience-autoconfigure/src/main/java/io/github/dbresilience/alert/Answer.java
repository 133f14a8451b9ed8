// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.alert;

import java.net.http.HttpResponse;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;

import org.jspecify.annotations.Nullable;

/**
 * What came back from one attempt to post.
 *
 * @param status the status of HTTP, 0 if there was no answer
 * @param problem what is wrong, for an operator
 * @param retryAfter how long the server asks to wait, {@code null} if it does not
 */
record Answer(int status, String problem, @Nullable Duration retryAfter) {

	static Answer none(String problem) {
		return new Answer(0, problem, null);
	}

	static Answer of(HttpResponse<?> response, String body) {
		String said = body.replaceAll("\\s+|\\p{Cntrl}", " ").strip();
		return new Answer(response.statusCode(),
				"answered " + response.statusCode() + (said.isEmpty() ? "" : " (" + said + ")"),
				response.headers().firstValue("Retry-After").map(Answer::wait).orElse(null));
	}

	/** Seconds or a date; what cannot be read is no wish. */
	private static @Nullable Duration wait(String header) {
		try {
			if (header.strip().matches("\\d{1,9}")) {
				return Duration.ofSeconds(Long.parseLong(header.strip()));
			}
			Instant until = ZonedDateTime.parse(header.strip(), DateTimeFormatter.RFC_1123_DATE_TIME).toInstant();
			Duration wait = Duration.between(Instant.now(), until);
			return wait.isNegative() ? Duration.ZERO : wait;
		}
		catch (DateTimeException ex) {
			return null;
		}
	}

	boolean isAccepted() {
		return this.status >= 200 && this.status < 300;
	}

	boolean isWorthARetry() {
		return this.status == 0 || this.status == 408 || this.status == 429 || this.status >= 500;
	}

}
