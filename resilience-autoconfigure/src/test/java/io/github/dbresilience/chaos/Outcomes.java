// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.chaos;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Function;

import io.github.dbresilience.retry.TransactionOutcomeUnknownException;

import org.springframework.jdbc.CannotGetJdbcConnectionException;

/**
 * How callers read the exceptions that they get.
 */
final class Outcomes {

	private static final Set<String> UNKNOWN = Set.of("08007", "40003");

	private Outcomes() {
	}

	/**
	 * Takes the product by its word: what is not called unknown has not happened.
	 * @param failure what was thrown
	 * @return what it says
	 */
	static Outcome told(Throwable failure) {
		boolean unknown = failure instanceof TransactionOutcomeUnknownException
				|| sqlExceptions(failure).stream().anyMatch((ex) -> UNKNOWN.contains(ex.getSQLState()));
		return unknown ? Outcome.UNKNOWN : Outcome.FAILED;
	}

	/**
	 * Makes no claims about anything that may be a lost connection. For writes without a
	 * transaction and without the product.
	 * @param failure what was thrown
	 * @return failed only if the server has said so, or no connection was had
	 */
	static Outcome guessed(Throwable failure) {
		List<SQLException> exceptions = sqlExceptions(failure);
		if (failure instanceof CannotGetJdbcConnectionException) {
			return Outcome.FAILED;
		}
		boolean said = !exceptions.isEmpty() && exceptions.stream()
			.allMatch((ex) -> ex.getSQLState() != null && !ex.getSQLState().startsWith("08")
					&& !ex.getSQLState().startsWith("57P") && !UNKNOWN.contains(ex.getSQLState()));
		return said ? Outcome.FAILED : Outcome.UNKNOWN;
	}

	/**
	 * An exception in short.
	 * @param failure what was thrown
	 * @return classes, SQLStates and the beginnings of the messages
	 */
	static String describe(Throwable failure) {
		StringBuilder text = new StringBuilder();
		for (Throwable at = failure; at != null && text.length() < 1000; at = at.getCause()) {
			String message = String.valueOf(at.getMessage()).replace('\n', ' ');
			text.append(text.isEmpty() ? "" : " < ")
				.append(at.getClass().getSimpleName())
				.append((at instanceof SQLException ex) ? " " + ex.getSQLState() : "")
				.append(": ")
				.append(message, 0, Math.min(160, message.length()));
		}
		return text.toString();
	}

	private static List<SQLException> sqlExceptions(Throwable failure) {
		List<SQLException> found = new ArrayList<>();
		Throwable at = failure;
		for (int depth = 0; at != null && depth < 50; depth++) {
			if (at instanceof SQLException ex) {
				found.add(ex);
				SQLException next = ex.getNextException();
				for (int i = 0; next != null && i < 10; i++) {
					found.add(next);
					next = next.getNextException();
				}
			}
			at = at.getCause();
		}
		return found;
	}

	/** How a caller reads exceptions. */
	@FunctionalInterface
	interface Reading extends Function<Throwable, Outcome> {

	}

}
