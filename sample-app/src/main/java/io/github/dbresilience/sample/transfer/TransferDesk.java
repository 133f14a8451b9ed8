// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.sample.transfer;

import org.springframework.dao.ConcurrencyFailureException;
import org.springframework.retry.annotation.Backoff;
import org.springframework.retry.annotation.Retryable;
import org.springframework.stereotype.Service;

/**
 * Tries a transfer again when PostgreSQL asks for it. <b>Usage example: retry.</b>
 * <p>
 * A serialization failure (40001) or a deadlock (40P01) means that the whole transaction
 * was rolled back and has to be run again from its first statement. So the retry has to
 * be <em>outside</em> the transaction. It is a bean of its own for that reason: whatever
 * the order of the advisors is, no attempt can run inside the transaction of the one
 * before.
 * <p>
 * Nothing else is retried here, above all no lost connection: whether a transaction that
 * was lost at its COMMIT happened is not known to this class.
 */
@Service
class TransferDesk {

	private final TransferService transfers;

	TransferDesk(TransferService transfers) {
		this.transfers = transfers;
	}

	@Retryable(retryFor = ConcurrencyFailureException.class, maxAttempts = 10,
			backoff = @Backoff(delay = 5, multiplier = 2, maxDelay = 200, random = true))
	public Transfer transfer(NewTransfer transfer) {
		return this.transfers.transfer(transfer);
	}

}
