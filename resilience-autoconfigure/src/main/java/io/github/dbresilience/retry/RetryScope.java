// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.retry;

import java.util.function.Supplier;

import io.github.dbresilience.fault.Fault;
import io.github.dbresilience.fault.Verdict;
import org.jspecify.annotations.Nullable;

/**
 * Says that somebody further up on this thread answers for a failure: by trying again or
 * by a fallback. Inside, the acquisition of a connection makes a single attempt, so that
 * layers of retries never multiply, and data sources note here what happened, so that
 * whoever answers knows what may be done again. Scopes nest; each is used once, by one
 * thread.
 */
public final class RetryScope {

	private static final ThreadLocal<RetryScope> current = new ThreadLocal<>();

	private final boolean attempt;

	private @Nullable RetryScope outer;

	private @Nullable Deadline deadline;

	private @Nullable RetryTarget target;

	private @Nullable Fault fault;

	private @Nullable Fault broken;

	private boolean reachedServer;

	private boolean committed;

	private boolean outcomeUnknown;

	/**
	 * Creates the scope of work that has a fallback: nothing in it waits for an open
	 * circuit breaker.
	 */
	public RetryScope() {
		this(false, null);
	}

	private RetryScope(boolean attempt, @Nullable Deadline deadline) {
		this.attempt = attempt;
		this.deadline = deadline;
	}

	/**
	 * Creates the scope of one attempt at a transaction.
	 * @param deadline the end of all attempts, {@code null} if the first data source that
	 * is used sets it
	 * @return the scope
	 */
	static RetryScope ofAttempt(@Nullable Deadline deadline) {
		return new RetryScope(true, deadline);
	}

	/**
	 * Runs work inside this scope, on the calling thread.
	 * @param <T> what it yields
	 * @param work the work
	 * @return its result
	 */
	public <T> T run(Supplier<T> work) {
		open();
		try {
			return work.get();
		}
		finally {
			close();
		}
	}

	void open() {
		this.outer = current.get();
		current.set(this);
	}

	void close() {
		if (this.outer != null) {
			current.set(this.outer);
		}
		else {
			current.remove();
		}
	}

	/**
	 * The innermost scope of the calling thread.
	 * @return the scope, {@code null} if nobody answers for a failure further up
	 */
	public static @Nullable RetryScope current() {
		return current.get();
	}

	/**
	 * Whether the calling thread is in a scope.
	 * @return {@code true} if a failure is answered for further up
	 */
	public static boolean isOpen() {
		return current.get() != null;
	}

	/**
	 * Whether the calling thread is in an attempt at a transaction.
	 * @return {@code true} if the whole of it may be tried again further up
	 */
	static boolean isInAttempt() {
		for (RetryScope scope = current.get(); scope != null; scope = scope.outer) {
			if (scope.attempt) {
				return true;
			}
		}
		return false;
	}

	/**
	 * Whether an acquisition may wait for an open circuit breaker: nobody further up has
	 * a fallback that answers at once.
	 * @return {@code true} if it may wait until the deadline
	 */
	public boolean mayWait() {
		for (RetryScope scope = this; scope != null; scope = scope.outer) {
			if (!scope.attempt) {
				return false;
			}
		}
		return true;
	}

	/**
	 * Notes that a connection is wanted.
	 * @param wanted the data source
	 * @return the deadline of the acquisition
	 */
	public Deadline acquiring(RetryTarget wanted) {
		if (this.target == null) {
			this.target = wanted;
		}
		if (this.deadline == null) {
			this.deadline = Deadline.after(wanted.settings().maxDuration(), System::nanoTime);
		}
		return this.deadline;
	}

	/**
	 * Notes that a connection was handed out.
	 */
	public void acquired() {
		this.reachedServer = true;
	}

	/**
	 * Notes the end of a connection's lease.
	 * @param lost why it was lost before COMMIT was sent, {@code null} if it was not
	 */
	public void released(@Nullable Fault lost) {
		this.broken = lost;
	}

	/**
	 * Notes a fault of a statement or a connection. The first one that may be tried again
	 * stays.
	 * @param seen the fault
	 */
	public static void faulted(Fault seen) {
		RetryScope scope = current.get();
		if (scope != null && scope.fault == null && seen.verdict() == Verdict.RETRY) {
			scope.fault = seen;
		}
	}

	/**
	 * Notes a fault of a connection that may have been acquired before this scope was
	 * opened, as open session in view does: then the data source was not noted yet.
	 * @param seen the fault
	 * @param where the data source
	 */
	public static void faulted(Fault seen, RetryTarget where) {
		RetryScope scope = current.get();
		if (scope != null && scope.target == null) {
			scope.acquiring(where);
			scope.acquired();
		}
		faulted(seen);
	}

	/**
	 * Notes that a savepoint was rolled back to: what a statement met since then no
	 * longer matters, unless the connection is gone.
	 */
	public static void healed() {
		RetryScope scope = current.get();
		if (scope != null && scope.fault != null && !scope.fault.kind().evicts()) {
			scope.fault = null;
		}
	}

	/**
	 * Notes that a transaction which may have written is committed. It must not be done
	 * again, whatever happens later.
	 */
	public static void committed() {
		for (RetryScope scope = current.get(); scope != null; scope = scope.outer) {
			scope.committed = true;
		}
	}

	/**
	 * Tells the scopes of the calling thread that a statement was lost of which it is not
	 * known whether it was done.
	 */
	public static void outcomeUnknown() {
		for (RetryScope scope = current.get(); scope != null; scope = scope.outer) {
			scope.outcomeUnknown = true;
		}
	}

	/**
	 * Whether it is not known what became of a part of the work.
	 * @return {@code true} if it must not be done again, by whatever means
	 */
	public boolean isOutcomeUnknown() {
		return this.outcomeUnknown;
	}

	/**
	 * Whether a part of the work is committed.
	 * @return {@code true} if it must not be done again
	 */
	public boolean isCommitted() {
		return this.committed;
	}

	/**
	 * Whether a connection was handed out.
	 * @return {@code true} if a statement may have reached the server
	 */
	boolean hasReachedServer() {
		return this.reachedServer;
	}

	/**
	 * The first fault that asks for another try.
	 * @return the fault, {@code null} if there was none
	 */
	@Nullable Fault fault() {
		return this.fault;
	}

	/**
	 * Why the last connection was lost before its COMMIT was sent.
	 * @return the fault, {@code null} if the last connection was returned whole
	 */
	@Nullable Fault broken() {
		return this.broken;
	}

	/**
	 * The first data source that was used.
	 * @return the data source, {@code null} if none was
	 */
	@Nullable RetryTarget target() {
		return this.target;
	}

	/**
	 * The end of all attempts.
	 * @return the deadline, {@code null} if it is not set yet
	 */
	public @Nullable Deadline deadline() {
		return this.deadline;
	}

}
