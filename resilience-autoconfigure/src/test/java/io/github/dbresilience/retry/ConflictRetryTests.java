// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.retry;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.transaction.annotation.Isolation;
import org.springframework.transaction.annotation.Transactional;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Transactions that really conflict with each other.
 */
@Timeout(60)
class ConflictRetryTests {

	private static RetriedTransactions world;

	@BeforeAll
	static void start() {
		world = new RetriedTransactions();
	}

	@AfterAll
	static void stop() {
		world.close();
	}

	@Test
	void twoTransactionsThatDeadlockBothHappen() {
		world.run(Transfers.class, (context) -> {
			Transfers transfers = context.getBean(Transfers.class);
			CyclicBarrier both = new CyclicBarrier(2);
			int sum = world.balance(1) + world.balance(2);
			int first = world.balance(1);
			CompletableFuture<Void> there = CompletableFuture.runAsync(() -> transfers.transfer(1, 2, 10, both));
			transfers.transfer(2, 1, 30, both);
			there.get(30, TimeUnit.SECONDS);
			assertThat(world.balance(1)).isEqualTo(first + 20);
			assertThat(world.balance(1) + world.balance(2)).isEqualTo(sum);
			assertThat(RetriedTransactions.statistics(context).recoveredCount()).isPositive();
		});
	}

	@Test
	void twoSerializableTransactionsThatConflictBothHappen() {
		world.run(Transfers.class, (context) -> {
			Transfers transfers = context.getBean(Transfers.class);
			CountDownLatch read = new CountDownLatch(1);
			CountDownLatch written = new CountDownLatch(1);
			int before = world.balance(1);
			CompletableFuture<Void> there = CompletableFuture
				.runAsync(() -> transfers.readAndWrite(1, 10, read, written));
			assertThat(read.await(10, TimeUnit.SECONDS)).isTrue();
			transfers.readAndWrite(1, 5, new CountDownLatch(1), new CountDownLatch(0));
			written.countDown();
			there.get(30, TimeUnit.SECONDS);
			assertThat(world.balance(1)).isEqualTo(before + 15);
			assertThat(RetriedTransactions.statistics(context).recoveredCount()).isEqualTo(1);
		});
	}

	@Test
	void aConflictAtCommitIsTriedAgain() {
		world.run(Transfers.class, (context) -> {
			Transfers transfers = context.getBean(Transfers.class);
			CountDownLatch read = new CountDownLatch(1);
			CountDownLatch goOn = new CountDownLatch(1);
			int before = world.balance(1) + world.balance(2);
			CompletableFuture<Void> there = CompletableFuture.runAsync(() -> transfers.addSumOfBoth(1, read, goOn));
			assertThat(read.await(10, TimeUnit.SECONDS)).isTrue();
			transfers.addSumOfBoth(2, new CountDownLatch(1), new CountDownLatch(0));
			goOn.countDown();
			there.get(30, TimeUnit.SECONDS);
			assertThat(world.balance(1) + world.balance(2)).isEqualTo(before * 4);
			assertThat(RetriedTransactions.statistics(context).recoveredCount()).isEqualTo(1);
		});
	}

	/**
	 * A service.
	 */
	static class Transfers {

		private final JdbcTemplate jdbc;

		Transfers(JdbcTemplate jdbc) {
			this.jdbc = jdbc;
		}

		@Transactional
		@RetryableTransaction
		public void transfer(int from, int to, int amount, CyclicBarrier both) {
			this.jdbc.update("update account set balance = balance - ? where id = ?", amount, from);
			meet(both);
			this.jdbc.update("update account set balance = balance + ? where id = ?", amount, to);
		}

		@Transactional(isolation = Isolation.REPEATABLE_READ)
		@RetryableTransaction
		public void readAndWrite(int id, int amount, CountDownLatch read, CountDownLatch goOn) {
			int balance = this.jdbc.queryForObject("select balance from account where id = ?", Integer.class, id);
			read.countDown();
			await(goOn);
			this.jdbc.update("update account set balance = ? where id = ?", balance + amount, id);
		}

		@Transactional(isolation = Isolation.SERIALIZABLE)
		@RetryableTransaction
		public void addSumOfBoth(int id, CountDownLatch read, CountDownLatch goOn) {
			int sum = this.jdbc.queryForObject("select sum(balance) from account", Integer.class);
			this.jdbc.update("update account set balance = balance + ? where id = ?", sum, id);
			read.countDown();
			await(goOn);
		}

		/**
		 * The later attempt of the victim goes through alone.
		 */
		private static void meet(CyclicBarrier both) {
			try {
				both.await(1, TimeUnit.SECONDS);
			}
			catch (Exception ex) {
				assertThat(both.isBroken()).isTrue();
			}
		}

		private static void await(CountDownLatch latch) {
			try {
				assertThat(latch.await(10, TimeUnit.SECONDS)).isTrue();
			}
			catch (InterruptedException ex) {
				throw new IllegalStateException(ex);
			}
		}

	}

}
