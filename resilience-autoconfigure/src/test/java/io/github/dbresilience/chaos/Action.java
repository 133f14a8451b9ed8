// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.chaos;

import java.util.List;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.IntFunction;

import org.jspecify.annotations.Nullable;

/**
 * What a caller asked for, in one transaction.
 */
sealed interface Action {

	/**
	 * Moves money and records that in a table, whose rows are not unique by constraint.
	 *
	 * @param id unique in a run
	 * @param from account
	 * @param to another account
	 * @param amount how much
	 */
	record Transfer(UUID id, int from, int to, long amount) implements Action {
	}

	/**
	 * Inserts a row into a table that would take it twice.
	 *
	 * @param id unique in a run
	 */
	record Insert(UUID id) implements Action {
	}

	/**
	 * Adds one to a counter.
	 *
	 * @param key the counter
	 */
	record Increment(int key) implements Action {
	}

	/**
	 * Reads lists and appends to lists.
	 *
	 * @param steps in the order of their execution
	 */
	record Lists(List<Step> steps) implements Action {

		public Lists {
			steps = List.copyOf(steps);
		}

		/**
		 * Executes the steps.
		 * @param reading reads a list
		 * @param appending appends to a list
		 * @return the same steps with what was read
		 */
		Lists perform(IntFunction<List<Long>> reading, Consumer<Append> appending) {
			return new Lists(this.steps.stream().<Step>map((step) -> {
				if (step instanceof Append append) {
					appending.accept(append);
					return append;
				}
				return new Read(step.key(), reading.apply(step.key()));
			}).toList());
		}

		@Override
		public String toString() {
			return this.steps.toString();
		}

		List<Append> appends() {
			return this.steps.stream().filter(Append.class::isInstance).map(Append.class::cast).toList();
		}

	}

	/** A step of {@link Lists}. */
	sealed interface Step {

		int key();

	}

	/**
	 * Appends to a list.
	 *
	 * @param key the list
	 * @param value unique in a run, over all lists
	 */
	record Append(int key, long value) implements Step {

		@Override
		public String toString() {
			return "append " + this.value + " to " + this.key;
		}

	}

	/**
	 * Reads a list.
	 *
	 * @param key the list
	 * @param seen its elements, {@code null} if nobody was told
	 */
	record Read(int key, @Nullable List<Long> seen) implements Step {

		/** Lists are long: how many, and the last ones. */
		@Override
		public String toString() {
			if (this.seen == null) {
				return "read " + this.key;
			}
			int size = this.seen.size();
			return "read " + this.key + " with " + size + " elements …"
					+ this.seen.subList(Math.max(0, size - 6), size);
		}

	}

}
