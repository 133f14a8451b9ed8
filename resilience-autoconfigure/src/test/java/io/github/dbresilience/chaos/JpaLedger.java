// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.chaos;

import java.util.List;

import jakarta.persistence.EntityManager;
import jakarta.persistence.LockModeType;

import org.springframework.transaction.annotation.Isolation;
import org.springframework.transaction.annotation.Transactional;

/**
 * By Hibernate, and tried again where all transactions are.
 */
class JpaLedger implements Ledger {

	private final EntityManager manager;

	JpaLedger(EntityManager manager) {
		this.manager = manager;
	}

	@Override
	@Transactional
	public void transfer(Action.Transfer transfer) {
		this.manager.find(Entities.Account.class, transfer.from(), LockModeType.PESSIMISTIC_WRITE)
			.add(-transfer.amount());
		this.manager.find(Entities.Account.class, transfer.to(), LockModeType.PESSIMISTIC_WRITE).add(transfer.amount());
		this.manager.persist(new Entities.TransferRow(transfer));
	}

	@Override
	@Transactional
	public void insert(Action.Insert insert) {
		this.manager.persist(new Entities.Inserted(insert.id()));
	}

	@Override
	@Transactional
	public void increment(Action.Increment increment) {
		this.manager.find(Entities.Counter.class, increment.key(), LockModeType.PESSIMISTIC_WRITE).increment();
	}

	@Override
	@Transactional(isolation = Isolation.SERIALIZABLE)
	public Action.Lists execute(Action.Lists lists) {
		return lists.perform(this::list, this::append);
	}

	@Override
	@Transactional(isolation = Isolation.SERIALIZABLE, readOnly = true)
	public Action.Lists read(Action.Lists lists) {
		return lists.perform(this::list, this::append);
	}

	private List<Long> list(int key) {
		Entities.ListRow row = this.manager.find(Entities.ListRow.class, key);
		return (row != null) ? row.elements() : List.of();
	}

	private void append(Action.Append append) {
		Entities.ListRow row = this.manager.find(Entities.ListRow.class, append.key());
		if (row != null) {
			row.append(append.value());
		}
		else {
			this.manager.persist(new Entities.ListRow(append.key(), append.value()));
		}
	}

}
