// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.transaction;

import org.hibernate.resource.jdbc.spi.JdbcSessionOwner;
import org.hibernate.resource.transaction.backend.jdbc.spi.JdbcResourceTransaction;
import org.hibernate.resource.transaction.backend.jdbc.spi.JdbcResourceTransactionAccess;
import org.hibernate.resource.transaction.spi.TransactionCoordinatorOwner;

/**
 * What Hibernate's coordinator works on: its owner, with our transaction. Not
 * thread-safe, like a session.
 */
final class SavepointTransactionOwner implements TransactionCoordinatorOwner, JdbcResourceTransactionAccess {

	private final TransactionCoordinatorOwner delegate;

	private final SavepointTransaction transaction;

	SavepointTransactionOwner(TransactionCoordinatorOwner delegate, SavepointTransaction transaction) {
		this.delegate = delegate;
		this.transaction = transaction;
	}

	@Override
	public JdbcResourceTransaction getResourceLocalTransaction() {
		return this.transaction;
	}

	@Override
	public boolean isActive() {
		return this.delegate.isActive();
	}

	@Override
	public void startTransactionBoundary() {
		this.delegate.startTransactionBoundary();
	}

	@Override
	public void afterTransactionBegin() {
		this.delegate.afterTransactionBegin();
	}

	@Override
	public void beforeTransactionCompletion() {
		this.delegate.beforeTransactionCompletion();
	}

	@Override
	public void afterTransactionCompletion(boolean successful, boolean delayed) {
		this.delegate.afterTransactionCompletion(successful, delayed);
	}

	@Override
	public JdbcSessionOwner getJdbcSessionOwner() {
		return this.delegate.getJdbcSessionOwner();
	}

	@Override
	public void setTransactionTimeOut(int seconds) {
		this.delegate.setTransactionTimeOut(seconds);
	}

	@Override
	public void flushBeforeTransactionCompletion() {
		this.delegate.flushBeforeTransactionCompletion();
	}

}
