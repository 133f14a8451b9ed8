// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.sample.account;

import java.util.List;
import java.util.UUID;

import io.github.dbresilience.retry.RetryableTransaction;
import io.github.dbresilience.sample.problem.ProblemType;
import io.github.dbresilience.sample.problem.RefusedException;

import org.springframework.dao.DuplicateKeyException;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;

/**
 * Opens accounts and looks them up. <b>Usage examples: simple transaction, batch and
 * read-only.</b>
 */
@Service
class AccountService {

	private final AccountRepository accounts;

	AccountService(AccountRepository accounts) {
		this.accounts = accounts;
	}

	/**
	 * Simple transaction: both statements take effect or neither, and an exception rolls
	 * back.
	 * @param account the account to open
	 * @return the account as it is stored
	 */
	@Transactional
	@RetryableTransaction
	public Account open(NewAccount account) {
		NewAccount complete = account.withId();
		try {
			this.accounts.insert(List.of(complete));
		}
		catch (DuplicateKeyException ex) {
			throw new RefusedException(ProblemType.ALREADY_EXISTS, "An account with this id exists.");
		}
		return get(complete.requiredId());
	}

	/**
	 * Batch: one transaction and one round trip for many rows; one bad row undoes them
	 * all. The size is bounded by {@link NewAccounts}.
	 * @param accounts the accounts to open
	 * @return how many were opened
	 */
	@Transactional
	@RetryableTransaction
	public int openAll(List<NewAccount> accounts) {
		try {
			return this.accounts.insert(accounts.stream().map(NewAccount::withId).toList());
		}
		catch (DuplicateKeyException ex) {
			throw new RefusedException(ProblemType.ALREADY_EXISTS,
					"An id occurs twice or belongs to an account that exists. No account was opened.");
		}
	}

	/**
	 * Read-only: the database refuses a write, and a starter with replicas may answer
	 * from one of them.
	 * @param id the id of an account
	 * @return the account
	 */
	@Transactional(readOnly = true)
	public Account get(UUID id) {
		return this.accounts.find(id)
			.orElseThrow(() -> new RefusedException(ProblemType.NOT_FOUND, "There is no account " + id + "."));
	}

	@Transactional(readOnly = true)
	public AccountPage page(int page, int size) {
		return new AccountPage(page, size, this.accounts.count(), this.accounts.page(page, size));
	}

}
