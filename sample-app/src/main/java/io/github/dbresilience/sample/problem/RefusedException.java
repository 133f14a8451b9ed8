// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.sample.problem;

import java.io.Serial;

/**
 * A request that is understood and refused: by its nature no other try of the same
 * request would fare better. Rolls the transaction back.
 */
public class RefusedException extends RuntimeException {

	@Serial
	private static final long serialVersionUID = 1L;

	private final ProblemType type;

	/**
	 * Creates the exception.
	 * @param type the problem
	 * @param detail a sentence for the client, shown as it is
	 */
	public RefusedException(ProblemType type, String detail) {
		super(detail);
		this.type = type;
	}

	/**
	 * The problem.
	 * @return its type
	 */
	public ProblemType type() {
		return this.type;
	}

}
