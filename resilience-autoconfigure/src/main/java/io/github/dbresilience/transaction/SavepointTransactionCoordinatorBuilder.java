// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.transaction;

import org.hibernate.resource.jdbc.spi.PhysicalConnectionHandlingMode;
import org.hibernate.resource.transaction.backend.jdbc.spi.JdbcResourceTransactionAccess;
import org.hibernate.resource.transaction.spi.DdlTransactionIsolator;
import org.hibernate.resource.transaction.spi.TransactionCoordinator;
import org.hibernate.resource.transaction.spi.TransactionCoordinatorBuilder;
import org.hibernate.resource.transaction.spi.TransactionCoordinatorOwner;
import org.hibernate.tool.schema.internal.exec.JdbcContext;

/**
 * Makes the coordinators of resource-local transactions. Thread-safe.
 */
final class SavepointTransactionCoordinatorBuilder implements TransactionCoordinatorBuilder {

	private static final long serialVersionUID = 1;

	private final TransactionCoordinatorBuilder delegate;

	SavepointTransactionCoordinatorBuilder(TransactionCoordinatorBuilder delegate) {
		this.delegate = delegate;
	}

	@Override
	public TransactionCoordinator buildTransactionCoordinator(TransactionCoordinatorOwner owner, Options options) {
		if (!(owner instanceof JdbcResourceTransactionAccess access)) {
			return this.delegate.buildTransactionCoordinator(owner, options);
		}
		SavepointTransaction transaction = new SavepointTransaction(access.getResourceLocalTransaction());
		return new SavepointTransactionCoordinator(this,
				this.delegate.buildTransactionCoordinator(new SavepointTransactionOwner(owner, transaction), options),
				transaction);
	}

	@Override
	public boolean isJta() {
		return this.delegate.isJta();
	}

	@Override
	public PhysicalConnectionHandlingMode getDefaultConnectionHandlingMode() {
		return this.delegate.getDefaultConnectionHandlingMode();
	}

	@Override
	public DdlTransactionIsolator buildDdlTransactionIsolator(JdbcContext jdbcContext) {
		return this.delegate.buildDdlTransactionIsolator(jdbcContext);
	}

}
