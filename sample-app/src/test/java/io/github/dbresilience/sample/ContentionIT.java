// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.sample;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

import javax.sql.DataSource;

import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.jdbc.core.simple.JdbcClient;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Transactions that get in each other's way.
 */
@SampleIT
class ContentionIT {

	private static final String KETTLE = "{\"sku\": \"KET-300\", \"quantity\": 1}";

	private final Api api;

	private final DataSource dataSource;

	private final JdbcClient jdbc;

	ContentionIT(@LocalServerPort int port, DataSource dataSource, JdbcClient jdbc) {
		this.api = new Api(port);
		this.dataSource = dataSource;
		this.jdbc = jdbc;
	}

	@Test
	void twoHundredTransfersBetweenTwoAccountsAllSucceed() throws Exception {
		UUID one = this.api.account("1000");
		UUID two = this.api.account("1000");
		List<Integer> statuses = inEightThreads(200,
				(i) -> (i % 2 == 0) ? status(UUID.randomUUID(), one, two) : status(UUID.randomUUID(), two, one));
		assertThat(statuses).hasSize(200).containsOnly(201);
		assertThat(this.api.balance(one)).isEqualByComparingTo("1000");
		this.api.assertBalanced();
	}

	@Test
	void theSameTransferSentEightTimesAtOnceHappensOnce() throws Exception {
		UUID from = this.api.account("100");
		UUID to = this.api.account("0");
		UUID id = UUID.randomUUID();
		List<Integer> statuses = inEightThreads(8, (i) -> status(id, from, to));
		assertThat(statuses).containsOnly(201, 409).containsOnlyOnce(201);
		assertThat(this.api.balance(to)).isEqualByComparingTo("1");
	}

	@Test
	void moreTransfersThanThereIsMoneyNeverOverdraw() throws Exception {
		UUID from = this.api.account("10");
		UUID to = this.api.account("0");
		List<Integer> statuses = inEightThreads(40, (i) -> status(UUID.randomUUID(), from, to));
		assertThat(statuses).containsOnly(201, 422);
		assertThat(statuses.stream().filter((status) -> status == 201)).hasSize(10);
		assertThat(this.api.balance(from)).isZero();
		this.api.assertBalanced();
	}

	@Test
	void ordersAndTransfersOnTheSameAccountsAllSucceed() throws Exception {
		UUID one = this.api.account("100000");
		UUID two = this.api.account("100000");
		List<Integer> statuses = inEightThreads(80,
				(i) -> (i % 2 == 0) ? status(UUID.randomUUID(), one, two)
						: this.api.order(UUID.randomUUID(), one, KETTLE, "\"WELCOME10\"")
							.returnResult(String.class)
							.getStatus()
							.value());
		assertThat(statuses).containsOnly(201);
		this.api.assertBalanced();
	}

	@Test
	void aTransferThatFailsToSerializeIsTriedAgain() throws Exception {
		UUID from = this.api.account("10");
		UUID to = this.api.account("0");
		try (Connection other = transaction(); Statement statement = other.createStatement()) {
			statement.executeUpdate("update account set owner = 'Other' where id = '" + from + "'");
			CompletableFuture<Integer> transfer = CompletableFuture
				.supplyAsync(() -> status(UUID.randomUUID(), from, to));
			awaitLockWaiters(1);
			other.commit();
			assertThat(transfer.get()).isEqualTo(201);
		}
		assertThat(this.api.balance(to)).isEqualByComparingTo("1");
	}

	@Test
	void anOrderThatRunsIntoADeadlockIsTriedAgain() throws Exception {
		UUID account = this.api.account("1000");
		try (Connection other = transaction(); Statement statement = other.createStatement()) {
			statement.executeUpdate("update account set owner = 'Other' where id = '" + account + "'");
			CompletableFuture<Integer> order = CompletableFuture
				.supplyAsync(() -> this.api.order(UUID.randomUUID(), account, KETTLE, "null")
					.returnResult(String.class)
					.getStatus()
					.value());
			awaitLockWaiters(1);
			statement.executeUpdate("update product set name = name where sku = 'KET-300'");
			other.commit();
			assertThat(order.get()).isEqualTo(201);
		}
		this.api.assertBalanced();
	}

	private Connection transaction() throws SQLException {
		Connection connection = this.dataSource.getConnection();
		connection.setAutoCommit(false);
		return connection;
	}

	private void awaitLockWaiters(int count) {
		Awaitility.await().until(() -> this.jdbc.sql("""
				select count(*) from pg_stat_activity
				where datname = current_database() and wait_event_type = 'Lock'
				""").query(Integer.class).single() >= count);
	}

	private int status(UUID id, UUID from, UUID to) {
		return this.api.transfer(id, from, to, "1").returnResult(String.class).getStatus().value();
	}

	private static List<Integer> inEightThreads(int times, IntFunction<Integer> request)
			throws InterruptedException, ExecutionException {
		ExecutorService threads = Executors.newFixedThreadPool(8);
		try {
			List<Future<Integer>> futures = threads.invokeAll(
					IntStream.range(0, times).mapToObj((i) -> (Callable<Integer>) () -> request.apply(i)).toList());
			List<Integer> results = new ArrayList<>();
			for (Future<Integer> future : futures) {
				results.add(future.get());
			}
			return results;
		}
		finally {
			threads.shutdownNow();
		}
	}

}
