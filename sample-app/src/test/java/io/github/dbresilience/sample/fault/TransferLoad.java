// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.sample.fault;

import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Stream;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A steady load of transfers, each client on two accounts of its own, so that only faults
 * make a request fail. Stops at close, at the latest after two minutes.
 */
final class TransferLoad implements AutoCloseable {

	private static final long MOST_NANOS = TimeUnit.MINUTES.toNanos(2);

	private final RunningSample sample;

	private final Queue<Answer> answers = new ConcurrentLinkedQueue<>();

	private final ExecutorService clients;

	private final int count;

	private volatile boolean stopped;

	private TransferLoad(RunningSample sample, int count) {
		this.sample = sample;
		this.count = count;
		this.clients = Executors.newFixedThreadPool(count);
	}

	static TransferLoad start(RunningSample sample, int clients) {
		TransferLoad load = new TransferLoad(sample, clients);
		List<String[]> accounts = new ArrayList<>();
		for (int i = 0; i < clients; i++) {
			accounts.add(new String[] { load.account(i), load.account(i) });
		}
		accounts.forEach((pair) -> load.clients.execute(() -> load.transferUntilStopped(pair)));
		return load;
	}

	private String account(int client) {
		String id = UUID.randomUUID().toString();
		HttpResponse<String> created = this.sample.post("/api/accounts",
				"{\"id\": \"%s\", \"owner\": \"client %d\", \"balance\": 1000000}".formatted(id, client));
		assertThat(created.statusCode()).as(created.body()).isEqualTo(201);
		return id;
	}

	private void transferUntilStopped(String[] accounts) {
		long start = System.nanoTime();
		while (!this.stopped && System.nanoTime() - start < MOST_NANOS) {
			String id = UUID.randomUUID().toString();
			long sent = System.nanoTime();
			HttpResponse<String> response = this.sample.post("/api/transfers",
					"{\"id\": \"%s\", \"from\": \"%s\", \"to\": \"%s\", \"amount\": 1}".formatted(id, accounts[0],
							accounts[1]));
			this.answers.add(new Answer(id, sent, System.nanoTime(), response.statusCode(), response.body(),
					response.headers().firstValue("Retry-After").orElse("")));
		}
	}

	int clients() {
		return this.count;
	}

	Stream<Answer> answers() {
		return this.answers.stream();
	}

	long succeededSince(long nanos) {
		return answers().filter((answer) -> answer.sent() >= nanos && answer.status() == 201).count();
	}

	/**
	 * How long after a moment the first request was answered with success.
	 */
	Duration firstSuccessAfter(long nanos) {
		return Duration.ofNanos(answers().filter((answer) -> answer.status() == 201 && answer.answered() > nanos)
			.mapToLong(Answer::answered)
			.min()
			.orElseThrow() - nanos);
	}

	Duration longest() {
		return Duration.ofNanos(answers().mapToLong((answer) -> answer.answered() - answer.sent()).max().orElse(0));
	}

	Map<Integer, Long> countByStatus() {
		Map<Integer, Long> counts = new TreeMap<>();
		answers().forEach((answer) -> counts.merge(answer.status(), 1L, Long::sum));
		return counts;
	}

	void stop() throws InterruptedException {
		this.stopped = true;
		this.clients.shutdown();
		assertThat(this.clients.awaitTermination(30, TimeUnit.SECONDS)).isTrue();
	}

	/**
	 * Every answer is one that was promised, every transfer that was acknowledged is
	 * there, and the books balance.
	 */
	void assertHonest() {
		assertThat(countByStatus().keySet())
			.as(() -> "unexpected: "
					+ answers().filter(((Predicate<Answer>) Answer::isPromised).negate()).limit(3).toList())
			.isSubsetOf(201, 503);
		answers().filter((answer) -> answer.status() == 503).forEach((answer) -> {
			assertThat(answer.body()).contains("database-unavailable");
			assertThat(Integer.parseInt(answer.retryAfter())).isPositive();
		});
		List<String> lost = answers().filter((answer) -> answer.status() == 201)
			.map(Answer::id)
			.filter((id) -> this.sample.get("/api/transfers/" + id).statusCode() != 200)
			.toList();
		assertThat(lost).as("acknowledged, but not there").isEmpty();
		HttpResponse<String> check = this.sample.get("/api/ledger/check");
		assertThat(check.statusCode()).isEqualTo(200);
		assertThat(check.body()).contains("\"balanced\":true");
	}

	@Override
	public void close() throws InterruptedException {
		if (!this.stopped) {
			stop();
		}
	}

	/**
	 * What became of one transfer.
	 *
	 * @param id of the transfer
	 * @param sent when, in nanoseconds
	 * @param answered when, in nanoseconds
	 * @param status of HTTP
	 * @param body of the answer
	 * @param retryAfter the header, empty if there was none
	 */
	record Answer(String id, long sent, long answered, int status, String body, String retryAfter) {

		boolean isPromised() {
			return this.status == 201 || this.status == 503;
		}

	}

}
