// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.sample.transfer;

import java.util.UUID;

import io.github.dbresilience.retry.RetryableTransaction;
import io.github.dbresilience.sample.account.AccountRepository;
import io.github.dbresilience.sample.problem.ProblemType;
import io.github.dbresilience.sample.problem.RefusedException;

import org.springframework.dao.DuplicateKeyException;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Isolation;
import org.springframework.transaction.annotation.Transactional;

/**
 * Moves money. <b>Usage examples: serializable and retry.</b>
 */
@Service
class TransferService {

	private final AccountRepository accounts;

	private final TransferRepository transfers;

	TransferService(AccountRepository accounts, TransferRepository transfers) {
		this.accounts = accounts;
		this.transfers = transfers;
	}

	/**
	 * Serializable: as if there were no other transaction. PostgreSQL makes it so by
	 * failing one of two that get in each other's way, hence the retry. The accounts are
	 * updated in the order of their ids, so two opposite transfers wait for each other
	 * instead of running into a deadlock, which takes a second to be noticed.
	 * <p>
	 * Retry: the starter runs the whole method again when it is known that nothing was
	 * committed: after a serialization failure, a lost connection, a crash of the server.
	 * Even if the answer to COMMIT is lost the transfer happens once. The method may be
	 * run again because it does nothing outside the database.
	 * @param transfer what to move
	 * @return the transfer as it is stored
	 */
	@Transactional(isolation = Isolation.SERIALIZABLE)
	@RetryableTransaction(maxAttempts = 20, initialInterval = "5ms")
	public Transfer transfer(NewTransfer transfer) {
		requireAccount(transfer.from());
		requireAccount(transfer.to());
		try {
			this.transfers.insert(transfer);
		}
		catch (DuplicateKeyException ex) {
			throw new RefusedException(ProblemType.ALREADY_EXISTS, "A transfer with this id was made already.");
		}
		if (transfer.from().compareTo(transfer.to()) < 0) {
			withdraw(transfer);
			this.accounts.deposit(transfer.to(), transfer.amount());
		}
		else {
			this.accounts.deposit(transfer.to(), transfer.amount());
			withdraw(transfer);
		}
		return get(transfer.id());
	}

	@Transactional(readOnly = true)
	public Transfer get(UUID id) {
		return this.transfers.find(id)
			.orElseThrow(() -> new RefusedException(ProblemType.NOT_FOUND, "There is no transfer " + id + "."));
	}

	private void requireAccount(UUID id) {
		if (!this.accounts.exists(id)) {
			throw new RefusedException(ProblemType.NOT_FOUND, "There is no account " + id + ".");
		}
	}

	private void withdraw(NewTransfer transfer) {
		if (!this.accounts.withdraw(transfer.from(), transfer.amount())) {
			throw new RefusedException(ProblemType.INSUFFICIENT_FUNDS,
					"Account " + transfer.from() + " holds less than the amount.");
		}
	}

}
