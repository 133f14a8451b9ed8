// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.circuitbreaker;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A breaker that many threads use at once.
 */
@Timeout(60)
class CircuitBreakerConcurrencyTests {

	private static final int THREADS = 50;

	private final ExecutorService threads = Executors.newFixedThreadPool(THREADS);

	private final BreakerUnderTest test = new BreakerUnderTest();

	private final DataSourceCircuitBreaker breaker = this.test.breaker();

	@AfterEach
	void stop() {
		this.threads.shutdownNow();
	}

	@RepeatedTest(20)
	void fiftyThreadsThatFailAtOnceLeakNoPermit() throws Exception {
		List<Permit> permits = IntStream.range(0, THREADS).mapToObj((i) -> this.test.acquire()).toList();
		List<Callable<Void>> failures = new ArrayList<>();
		for (Permit permit : permits) {
			failures.add(() -> {
				permit.failed(BreakerUnderTest.OUTAGE);
				return null;
			});
		}
		atOnce(failures);
		assertThat(this.breaker.state()).isEqualTo(CircuitBreakerState.OPEN);
		assertThat(this.test.transitions()).containsExactly("CLOSED -> OPEN");
		this.test.pass(Duration.ofSeconds(31));
		Permit first = this.test.acquire();
		Permit second = this.test.acquire();
		assertThat(this.breaker.tryAcquire()).isNull();
		first.succeeded();
		second.succeeded();
		assertThat(this.breaker.state()).isEqualTo(CircuitBreakerState.CLOSED);
	}

	@RepeatedTest(20)
	void afterTrialsWereSettledByManyThreadsTheBreakerIsNotStuck() throws Exception {
		this.test.untilTrialsAreDue();
		this.test.acquire().abandoned();
		List<Callable<Boolean>> callers = new ArrayList<>();
		for (int i = 0; i < THREADS; i++) {
			callers.add(() -> {
				Permit permit = this.breaker.tryAcquire();
				if (permit != null) {
					permit.abandoned();
				}
				return permit != null;
			});
		}
		atOnce(callers);
		assertThat(this.breaker.state()).isEqualTo(CircuitBreakerState.HALF_OPEN);
		Permit first = this.test.acquire();
		Permit second = this.test.acquire();
		assertThat(this.breaker.tryAcquire()).isNull();
		first.succeeded();
		second.succeeded();
		assertThat(this.breaker.state()).isEqualTo(CircuitBreakerState.CLOSED);
	}

	@RepeatedTest(20)
	void noMoreThanTwoOfManyThreadsGetATrial() throws Exception {
		this.test.untilTrialsAreDue();
		List<Callable<Boolean>> callers = new ArrayList<>();
		for (int i = 0; i < THREADS; i++) {
			callers.add(() -> this.breaker.tryAcquire() != null);
		}
		assertThat(atOnce(callers)).filteredOn(Boolean::booleanValue).hasSize(2);
	}

	@RepeatedTest(500)
	void aProbeAndTrialsThatEndAtOnceLeaveAWorkingBreaker() throws Exception {
		this.test.untilTrialsAreDue();
		Permit first = this.test.acquire();
		Permit second = this.test.acquire();
		atOnce(List.of(() -> {
			first.failed(BreakerUnderTest.OUTAGE);
			return null;
		}, () -> {
			second.succeeded();
			return null;
		}, () -> {
			this.breaker.databaseIsBack(this.breaker.generation());
			return null;
		}));
		this.breaker.databaseIsBack(this.breaker.generation());
		assertThat(this.breaker.state()).isEqualTo(CircuitBreakerState.CLOSED);
		this.test.fail(5);
		assertThat(this.breaker.state()).isEqualTo(CircuitBreakerState.OPEN);
	}

	@Test
	void aWaiterIsWokenByTheClose() throws Exception {
		this.test.fail(5);
		long seen = this.breaker.generation();
		Future<Permit> waiter = this.threads.submit(() -> {
			this.breaker.awaitChange(seen, TimeUnit.MINUTES.toNanos(5));
			return this.breaker.tryAcquire();
		});
		this.breaker.databaseIsBack(this.breaker.generation());
		assertThat(waiter.get(5, TimeUnit.SECONDS)).isNotNull();
	}

	@Test
	void aChangeBeforeTheWaitIsNotMissed() throws Exception {
		this.test.fail(5);
		long seen = this.breaker.generation();
		this.breaker.databaseIsBack(this.breaker.generation());
		long start = System.nanoTime();
		this.breaker.awaitChange(seen, TimeUnit.MINUTES.toNanos(5));
		assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(5));
	}

	@Test
	void aWaitEndsWhenItsTimeIsOver() throws Exception {
		this.test.fail(5);
		long start = System.nanoTime();
		this.breaker.awaitChange(this.breaker.generation(), TimeUnit.MILLISECONDS.toNanos(100));
		assertThat(Duration.ofNanos(System.nanoTime() - start)).isBetween(Duration.ofMillis(100),
				Duration.ofSeconds(10));
	}

	@Test
	void aWaitEndsWhenATrialIsDue() throws Exception {
		this.test.fail(5).pass(Duration.ofSeconds(30).minusMillis(20));
		long start = System.nanoTime();
		this.breaker.awaitChange(this.breaker.generation(), TimeUnit.MINUTES.toNanos(5));
		assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(10));
	}

	@Test
	void aWaitEndsWithAnInterrupt() {
		this.test.fail(5);
		CountDownLatch interrupted = new CountDownLatch(1);
		Thread waiter = new Thread(() -> {
			try {
				this.breaker.awaitChange(this.breaker.generation(), TimeUnit.MINUTES.toNanos(5));
			}
			catch (InterruptedException ex) {
				interrupted.countDown();
			}
		});
		waiter.start();
		Awaitility.await().until(() -> waiter.getState() == Thread.State.TIMED_WAITING);
		waiter.interrupt();
		Awaitility.await().until(() -> interrupted.getCount() == 0);
	}

	private <T> List<T> atOnce(List<Callable<T>> work) throws Exception {
		CountDownLatch go = new CountDownLatch(1);
		List<Future<T>> futures = new ArrayList<>();
		for (Callable<T> piece : work) {
			futures.add(this.threads.submit(() -> {
				go.await();
				return piece.call();
			}));
		}
		go.countDown();
		List<T> results = new ArrayList<>();
		for (Future<T> future : futures) {
			results.add(future.get(10, TimeUnit.SECONDS));
		}
		return results;
	}

}
