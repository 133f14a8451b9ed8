// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.retry;

import java.util.concurrent.ThreadLocalRandom;
import java.util.function.DoubleSupplier;

import io.github.dbresilience.retry.RetrySettings.InsideTransaction;
import io.github.dbresilience.retry.RetrySettings.Transactions;
import io.github.dbresilience.retry.TransactionRun.ArgumentCheck;
import org.jspecify.annotations.Nullable;

import org.springframework.transaction.support.TransactionSynchronizationManager;

/**
 * Runs whole transactions, and runs them again when the database failed and it is known
 * that nothing was committed. Only the outermost transaction of a thread is tried again;
 * everything happens on the caller's thread. Thread-safe.
 */
public final class TransactionRetryer {

	private final Transactions transactions;

	private final InsideTransaction insideTransaction;

	private final BoundContexts contexts;

	private final Sleeper sleeper;

	private final DoubleSupplier random;

	/**
	 * Creates a retryer.
	 * @param transactions which transactions some data source tries again; the settings
	 * of the data source that a transaction uses decide in the end
	 * @param insideTransaction what happens to an annotated method inside a transaction
	 * that is not tried again
	 */
	public TransactionRetryer(Transactions transactions, InsideTransaction insideTransaction) {
		this(transactions, insideTransaction, BoundContexts.find(), Sleeper.real(),
				() -> ThreadLocalRandom.current().nextDouble());
	}

	TransactionRetryer(Transactions transactions, InsideTransaction insideTransaction, BoundContexts contexts,
			Sleeper sleeper, DoubleSupplier random) {
		this.transactions = transactions;
		this.insideTransaction = insideTransaction;
		this.contexts = contexts;
		this.sleeper = sleeper;
		this.random = random;
	}

	/**
	 * Runs a transaction. Inside another one it is a part of that one, and tried again
	 * with it or not at all.
	 * @param <T> what it yields
	 * @param work what it is
	 * @param body begins, does and ends the transaction
	 * @return the result
	 * @throws TransactionOutcomeUnknownException if the answer to COMMIT was lost
	 * @throws Throwable the failure of the last attempt
	 */
	public <T extends @Nullable Object> T run(RetryableWork work, Attempt<T, Throwable> body) throws Throwable {
		return run(work, body, (unused) -> null);
	}

	<T extends @Nullable Object> T run(RetryableWork work, Attempt<T, Throwable> body, ArgumentCheck arguments)
			throws Throwable {
		if (TransactionSynchronizationManager.isActualTransactionActive() || RetryScope.isInAttempt()) {
			return body.run();
		}
		if (!isRetried(work.kind())) {
			return runOnce(work, body);
		}
		TransactionRun<T> run = new TransactionRun<>(work, body, arguments);
		T result;
		try {
			result = run.attempt();
		}
		catch (Throwable ex) {
			return goOn(work, run, ex);
		}
		countFirst(run.scope().target());
		return result;
	}

	/**
	 * Runs a transaction that nobody may try again.
	 */
	<T extends @Nullable Object> T runOnce(RetryableWork work, Attempt<T, Throwable> body) throws Throwable {
		try {
			return body.run();
		}
		catch (Throwable ex) {
			throw explained(work, ex, RetryScope.current());
		}
	}

	private <T extends @Nullable Object> T goOn(RetryableWork work, TransactionRun<T> run, Throwable first)
			throws Throwable {
		RetryTarget target = run.scope().target();
		Deadline deadline = run.scope().deadline();
		countFirst(target);
		if (target == null || deadline == null) {
			throw explained(work, first, run.scope());
		}
		Retryer retryer = new Retryer(work.settings(target.settings()), this.sleeper, this.random);
		try {
			return retryer.run(target.name() + " - " + work.name(), Retryer.after(first, () -> {
				this.contexts.renew();
				return run.again();
			}), run, deadline, target.transactions());
		}
		catch (Throwable last) {
			if (run.scope().broken() != null) {
				this.contexts.renew();
			}
			if (last != first && last.getCause() != first) {
				last.addSuppressed(first);
			}
			throw explained(work, last, run.scope());
		}
	}

	private static void countFirst(@Nullable RetryTarget target) {
		if (target != null) {
			target.budget().firstAttempt();
		}
	}

	private static Throwable explained(RetryableWork work, Throwable failure, @Nullable RetryScope scope) {
		if (failure instanceof TransactionOutcomeUnknownException || !TransactionRun.isOutcomeUnknown(failure, scope)) {
			return failure;
		}
		return new TransactionOutcomeUnknownException(work.name(), failure);
	}

	/**
	 * Whether transactions of a kind may be tried again at all.
	 */
	boolean isRetried(TransactionKind kind) {
		return kind.isRetried(this.transactions);
	}

	Transactions transactions() {
		return this.transactions;
	}

	/**
	 * Whether an annotated method must not be called where it cannot be tried again.
	 */
	boolean isRefusedInside() {
		return this.insideTransaction == InsideTransaction.REFUSE;
	}

}
