// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.transaction;

import org.hibernate.jpa.spi.JpaCompliance;
import org.hibernate.resource.transaction.spi.IsolationDelegate;
import org.hibernate.resource.transaction.spi.SynchronizationRegistry;
import org.hibernate.resource.transaction.spi.TransactionCoordinator;
import org.hibernate.resource.transaction.spi.TransactionCoordinatorBuilder;
import org.hibernate.resource.transaction.spi.TransactionObserver;

/**
 * Hibernate's coordinator of a session, and the transaction that it works on. Not
 * thread-safe, like a session.
 */
final class SavepointTransactionCoordinator implements TransactionCoordinator {

	private final TransactionCoordinatorBuilder builder;

	private final TransactionCoordinator delegate;

	private final SavepointTransaction transaction;

	SavepointTransactionCoordinator(TransactionCoordinatorBuilder builder, TransactionCoordinator delegate,
			SavepointTransaction transaction) {
		this.builder = builder;
		this.delegate = delegate;
		this.transaction = transaction;
	}

	SavepointTransaction transaction() {
		return this.transaction;
	}

	@Override
	public TransactionCoordinatorBuilder getTransactionCoordinatorBuilder() {
		return this.builder;
	}

	@Override
	public TransactionDriver getTransactionDriverControl() {
		return this.delegate.getTransactionDriverControl();
	}

	@Override
	public SynchronizationRegistry getLocalSynchronizations() {
		return this.delegate.getLocalSynchronizations();
	}

	@Override
	public JpaCompliance getJpaCompliance() {
		return this.delegate.getJpaCompliance();
	}

	@Override
	public void explicitJoin() {
		this.delegate.explicitJoin();
	}

	@Override
	public boolean isJoined() {
		return this.delegate.isJoined();
	}

	@Override
	public void pulse() {
		this.delegate.pulse();
	}

	@Override
	public boolean isActive() {
		return this.delegate.isActive();
	}

	@Override
	public IsolationDelegate createIsolationDelegate() {
		return this.delegate.createIsolationDelegate();
	}

	@Override
	public void addObserver(TransactionObserver observer) {
		this.delegate.addObserver(observer);
	}

	@Override
	public void removeObserver(TransactionObserver observer) {
		this.delegate.removeObserver(observer);
	}

	@Override
	public void setTimeOut(int seconds) {
		this.delegate.setTimeOut(seconds);
	}

	@Override
	public int getTimeOut() {
		return this.delegate.getTimeOut();
	}

	@Override
	public boolean isTransactionActive() {
		return this.delegate.isTransactionActive();
	}

	@Override
	public void invalidate() {
		this.delegate.invalidate();
	}

}
