// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.transaction;

import java.util.function.Function;
import java.util.function.Supplier;

import io.github.dbresilience.retry.Attempt;
import io.github.dbresilience.retry.RetryableWork;
import io.github.dbresilience.retry.TransactionKind;
import io.github.dbresilience.retry.TransactionRetryer;
import org.jspecify.annotations.Nullable;

import org.springframework.transaction.IllegalTransactionStateException;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.TransactionException;
import org.springframework.transaction.TransactionStatus;
import org.springframework.transaction.support.DefaultTransactionDefinition;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/**
 * Runs code in transactions that are tried again as a whole when the database failed and
 * nothing was committed. To use it is to say that the work may be done again: <b>what it
 * does outside the database happens with each attempt</b>. Unlike with
 * {@code @Transactional}, <b>every exception rolls back</b>, checked ones too. Inside an
 * active transaction the work is a part of that one.
 * <p>
 * Everything happens on the caller's thread. Immutable and thread-safe.
 */
public class ResilientTransactions {

	private final Supplier<PlatformTransactionManager> manager;

	private final TransactionRetryer retryer;

	private final DefaultTransactionDefinition definition;

	private final String name;

	/**
	 * Creates a template.
	 * @param manager begins and ends the transactions; asked for with each
	 * @param retryer tries them again
	 */
	public ResilientTransactions(Supplier<PlatformTransactionManager> manager, TransactionRetryer retryer) {
		this(manager, retryer, new DefaultTransactionDefinition(), "a transaction");
	}

	private ResilientTransactions(Supplier<PlatformTransactionManager> manager, TransactionRetryer retryer,
			DefaultTransactionDefinition definition, String name) {
		this.manager = manager;
		this.retryer = retryer;
		this.definition = definition;
		this.name = name;
	}

	/**
	 * The same for another transaction manager.
	 * @param other begins and ends the transactions
	 * @return a template
	 */
	public ResilientTransactions with(PlatformTransactionManager other) {
		return new ResilientTransactions(() -> other, this.retryer, this.definition, this.name);
	}

	/**
	 * The same with a name.
	 * @param transaction what the transaction is called in the log
	 * @return a template
	 */
	public ResilientTransactions named(String transaction) {
		return new ResilientTransactions(this.manager, this.retryer, this.definition, transaction);
	}

	/**
	 * The same, declared read-only.
	 * @return a template
	 */
	public ResilientTransactions readOnly() {
		DefaultTransactionDefinition changed = new DefaultTransactionDefinition(this.definition);
		changed.setReadOnly(true);
		return new ResilientTransactions(this.manager, this.retryer, changed, this.name);
	}

	/**
	 * The same with isolation level SERIALIZABLE. Refused inside a transaction of another
	 * level.
	 * @return a template
	 */
	public ResilientTransactions serializable() {
		DefaultTransactionDefinition changed = new DefaultTransactionDefinition(this.definition);
		changed.setIsolationLevel(TransactionDefinition.ISOLATION_SERIALIZABLE);
		return new ResilientTransactions(this.manager, this.retryer, changed, this.name);
	}

	/**
	 * The same for a part of the active transaction, which goes on without the part when
	 * it fails: any exception rolls back to a savepoint that is set before the work. A
	 * fallback then answers inside the transaction, whatever the exception; but not when
	 * the connection is lost, as then the whole transaction is. Refused where no
	 * transaction is active.
	 * @return a template
	 */
	public ResilientTransactions nested() {
		DefaultTransactionDefinition changed = new DefaultTransactionDefinition(this.definition);
		changed.setPropagationBehavior(TransactionDefinition.PROPAGATION_NESTED);
		return new ResilientTransactions(this.manager, this.retryer, changed, this.name);
	}

	/**
	 * Runs work in a transaction.
	 * @param <T> what it yields
	 * @param <E> what it throws
	 * @param work the work
	 * @return its result
	 * @throws IllegalTransactionStateException if the transaction cannot be had here
	 * @throws E what the last attempt threw
	 */
	public <T extends @Nullable Object, E extends Exception> T execute(Attempt<T, E> work) throws E {
		check();
		return this.retryer.run(work(), () -> inTransaction(work, null));
	}

	/**
	 * Runs work in a transaction, or answers by a fallback. The fallback answers after
	 * the last attempt has ended, and only if the database failed the work and it is
	 * known that nothing of it happened; so not when the outcome is unknown, nor after an
	 * exception of the application's, nor inside a transaction of the caller's.
	 * @param <T> what it yields
	 * @param <E> what it throws
	 * @param work the work
	 * @param fallback answers instead; it is given the failure
	 * @return the result of the work or of the fallback
	 * @throws IllegalTransactionStateException if the transaction cannot be had here
	 * @throws E what the last attempt threw
	 */
	public <T extends @Nullable Object, E extends Exception> T execute(Attempt<T, E> work,
			Function<Throwable, T> fallback) throws E {
		check();
		if (isNested()) {
			return inTransaction(work, fallback);
		}
		return this.retryer.run(work(), () -> inTransaction(work, null), fallback);
	}

	private RetryableWork work() {
		return RetryableWork.of(this.name,
				this.definition.isReadOnly() ? TransactionKind.READ_ONLY : TransactionKind.OPTED_IN);
	}

	private boolean isNested() {
		return this.definition.getPropagationBehavior() == TransactionDefinition.PROPAGATION_NESTED;
	}

	private void check() {
		boolean active = TransactionSynchronizationManager.isActualTransactionActive();
		if (isNested() && !active) {
			throw new IllegalTransactionStateException(this.name
					+ " - a nested transaction needs an active one to set a savepoint in; call it inside execute or "
					+ "a @Transactional method");
		}
		Integer isolation = TransactionSynchronizationManager.getCurrentTransactionIsolationLevel();
		if (this.definition.getIsolationLevel() == TransactionDefinition.ISOLATION_SERIALIZABLE && active
				&& !Integer.valueOf(TransactionDefinition.ISOLATION_SERIALIZABLE).equals(isolation)) {
			throw new IllegalTransactionStateException(this.name
					+ " - cannot be serializable inside a transaction that is not; make the outermost one serializable");
		}
	}

	private <T extends @Nullable Object, E extends Exception> T inTransaction(Attempt<T, E> work,
			@Nullable Function<Throwable, T> fallback) throws E {
		PlatformTransactionManager transactions = this.manager.get();
		TransactionStatus status = begin(transactions);
		T result;
		try {
			result = work.run();
		}
		catch (Throwable ex) {
			boolean undone = rollback(transactions, status, ex);
			if (undone && fallback != null) {
				return fallback.apply(ex);
			}
			throw ex;
		}
		transactions.commit(status);
		return result;
	}

	private TransactionStatus begin(PlatformTransactionManager transactions) {
		DefaultTransactionDefinition named = new DefaultTransactionDefinition(this.definition);
		named.setName(this.name);
		TransactionStatus status = transactions.getTransaction(named);
		if (isNested() && status.isNewTransaction()) {
			transactions.rollback(status);
			throw new IllegalTransactionStateException(this.name
					+ " - the active transaction is of another transaction manager, so it has no savepoints here");
		}
		return status;
	}

	private static boolean rollback(PlatformTransactionManager transactions, TransactionStatus status,
			Throwable failure) {
		try {
			transactions.rollback(status);
			return true;
		}
		catch (TransactionException ex) {
			failure.addSuppressed(ex);
			return false;
		}
	}

}
