// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.retry;

import java.util.concurrent.ThreadLocalRandom;
import java.util.function.DoubleSupplier;
import java.util.function.Function;

import io.github.dbresilience.retry.RetrySettings.InsideTransaction;
import io.github.dbresilience.retry.RetrySettings.Transactions;
import io.github.dbresilience.retry.TransactionRun.ArgumentCheck;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.transaction.support.TransactionSynchronizationManager;

/**
 * Runs whole transactions, and runs them again when the database failed and it is known
 * that nothing was committed. Only the outermost transaction of a thread is tried again;
 * everything happens on the caller's thread. Thread-safe.
 */
public final class TransactionRetryer {

	private static final Logger logger = LoggerFactory.getLogger(TransactionRetryer.class);

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
	 * @param <E> what it throws
	 * @param work what it is
	 * @param body begins, does and ends the transaction
	 * @return the result
	 * @throws TransactionOutcomeUnknownException if the answer to COMMIT was lost
	 * @throws E the failure of the last attempt
	 */
	public <T extends @Nullable Object, E extends Throwable> T run(RetryableWork work, Attempt<T, E> body) throws E {
		return runChecked(work, body, (unused) -> null);
	}

	/**
	 * Runs a transaction whose body was given arguments.
	 */
	<T extends @Nullable Object, E extends Throwable> T runChecked(RetryableWork work, Attempt<T, E> body,
			ArgumentCheck arguments) throws E {
		if (isInside()) {
			return body.run();
		}
		return isRetried(work.kind()) ? run(work, new TransactionRun<>(work, body, arguments)) : runOnce(work, body);
	}

	/**
	 * Runs a transaction that has a fallback. The fallback answers after the last attempt
	 * has ended, and only if the database failed it and it is known that nothing of it
	 * happened. It does not answer inside another transaction.
	 * @param <T> what it yields
	 * @param <E> what it throws
	 * @param work what it is
	 * @param body begins, does and ends the transaction
	 * @param fallback answers instead; it is given the failure
	 * @return the result of the body or of the fallback
	 * @throws TransactionOutcomeUnknownException if the answer to COMMIT was lost
	 * @throws E the failure of the last attempt
	 */
	public <T extends @Nullable Object, E extends Throwable> T run(RetryableWork work, Attempt<T, E> body,
			Function<Throwable, T> fallback) throws E {
		if (isInside()) {
			return body.run();
		}
		TransactionRun<T, E> run = new TransactionRun<>(work, body, (unused) -> null);
		try {
			return run(work, run);
		}
		catch (Throwable ex) {
			if (!run.isReplaceable(ex)) {
				throw ex;
			}
			logger.debug("{} - answering by the fallback: {}", work.name(), ex.toString());
			return fallback.apply(ex);
		}
	}

	/**
	 * Runs a transaction that nobody here tries again.
	 */
	<T extends @Nullable Object, E extends Throwable> T runOnce(RetryableWork work, Attempt<T, E> body) throws E {
		try {
			return body.run();
		}
		catch (Throwable ex) {
			checkOutcome(work, ex, null);
			throw ex;
		}
	}

	private static boolean isInside() {
		return TransactionSynchronizationManager.isActualTransactionActive() || RetryScope.isInAttempt();
	}

	@SuppressWarnings("unchecked")
	private <T extends @Nullable Object, E extends Throwable> T run(RetryableWork work, TransactionRun<T, E> run)
			throws E {
		if (work.kind() != TransactionKind.READ_ONLY && this.contexts.holdChanges()) {
			run.forbid("it would store changes that were made before it");
		}
		T result;
		try {
			result = run.attempt();
		}
		catch (Throwable ex) {
			countFirst(run.scope().target());
			return goOn(work, run, (E) ex);
		}
		countFirst(run.scope().target());
		return result;
	}

	private static void countFirst(@Nullable RetryTarget target) {
		if (target != null) {
			target.budget().firstAttempt();
		}
	}

	private <T extends @Nullable Object, E extends Throwable> T goOn(RetryableWork work, TransactionRun<T, E> run,
			E first) throws E {
		RetryTarget target = run.scope().target();
		Deadline deadline = run.scope().deadline();
		if (target == null || deadline == null) {
			checkOutcome(work, first, run.scope());
			throw first;
		}
		Retryer retryer = new Retryer(work.settings(target.settings()), this.sleeper, this.random);
		try {
			return retryer.run(target.name() + " - " + work.name(), Retryer.after(first, () -> {
				this.contexts.renew();
				return run.again();
			}), run, deadline, target.transactions());
		}
		catch (Throwable last) {
			if (run.isConnectionLost(last)) {
				this.contexts.renew();
			}
			if (last != first && last.getCause() != first) {
				last.addSuppressed(first);
			}
			checkOutcome(work, last, run.scope());
			throw last;
		}
	}

	private static void checkOutcome(RetryableWork work, Throwable failure, @Nullable RetryScope scope) {
		if (!(failure instanceof TransactionOutcomeUnknownException)
				&& TransactionRun.isOutcomeUnknown(failure, scope)) {
			throw new TransactionOutcomeUnknownException(work.name(), failure);
		}
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
