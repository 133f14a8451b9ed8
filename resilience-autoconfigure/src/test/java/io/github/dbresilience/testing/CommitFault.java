// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.testing;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * A {@link CommitScript} that a {@link FaultProxy} was armed with: tells when it has
 * happened. Thread-safe.
 */
public final class CommitFault {

	private final CommitScript script;

	private final CompletableFuture<Void> released = new CompletableFuture<>();

	private final List<List<String>> replies = new CopyOnWriteArrayList<>();

	private int seen;

	private int claimed;

	private int happened;

	CommitFault(CommitScript script) {
		this.script = script;
	}

	CommitScript script() {
		return this.script;
	}

	/**
	 * Asks whether it shall happen to a COMMIT.
	 * @param batch the COMMIT
	 * @return whether it shall; the answer has to be obeyed
	 */
	synchronized boolean claims(ClientBatch batch) {
		if (this.claimed == this.script.times() || !this.script.matches(batch)) {
			return false;
		}
		this.seen++;
		if (this.seen <= this.script.skip()) {
			return false;
		}
		this.claimed++;
		return true;
	}

	synchronized void happen() {
		this.happened++;
		notifyAll();
	}

	synchronized void reply(List<String> reply) {
		this.replies.add(reply);
		notifyAll();
	}

	/**
	 * {@return how often it has happened: how many clients have lost their connection}
	 */
	public synchronized int happened() {
		return this.happened;
	}

	/**
	 * What the server has answered to COMMITs and no client has seen, in the order of the
	 * answers.
	 * @return for each COMMIT the tags of its commands, like "COMMIT", and "ERROR" with
	 * the SQLState
	 */
	public List<List<String>> replies() {
		return List.copyOf(this.replies);
	}

	/**
	 * Waits until it has happened as often as it shall.
	 * @param timeout how long at most
	 * @throws IllegalStateException if it did not happen in time
	 */
	public void await(Duration timeout) {
		await(timeout, "has not happened", () -> this.happened == this.script.times());
	}

	/**
	 * Waits until the server has answered each COMMIT that it happened to.
	 * @param timeout how long at most
	 * @return the {@link #replies()}
	 * @throws IllegalStateException if an answer is missing
	 */
	public List<List<String>> awaitReplies(Duration timeout) {
		await(timeout, "was not answered", () -> this.replies.size() == this.script.times());
		return replies();
	}

	private synchronized void await(Duration timeout, String failure, BooleanSupplier condition) {
		long deadline = System.nanoTime() + timeout.toNanos();
		try {
			while (!condition.getAsBoolean()) {
				long left = deadline - System.nanoTime();
				if (left <= 0) {
					throw new IllegalStateException(
							"The fault " + failure + " within " + timeout.toMillis() + " ms: " + this);
				}
				TimeUnit.NANOSECONDS.timedWait(this, left);
			}
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new IllegalStateException("Interrupted while waiting for a fault", ex);
		}
	}

	/**
	 * Delivers delayed COMMITs and ends kept sessions. From now on nothing is held back.
	 */
	public void release() {
		this.released.complete(null);
	}

	CompletableFuture<Void> released() {
		Duration after = this.script.releaseAfter();
		return (after != null) ? this.released.copy().completeOnTimeout(null, after.toNanos(), TimeUnit.NANOSECONDS)
				: this.released;
	}

	@Override
	public synchronized String toString() {
		return this.script + ": seen " + this.seen + ", happened " + this.happened + ", replies " + this.replies;
	}

}
