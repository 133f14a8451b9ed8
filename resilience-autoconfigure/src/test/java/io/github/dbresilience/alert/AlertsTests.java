// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.alert;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;

import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * Who is told, in which order, and what a bad listener does to the others: nothing.
 */
@ExtendWith(OutputCaptureExtension.class)
class AlertsTests {

	private static final Duration PATIENCE = Duration.ofSeconds(10);

	private final CountDownLatch end = new CountDownLatch(1);

	private final Alerts alerts = new Alerts(10);

	private final List<AlertEvent> told = new CopyOnWriteArrayList<>();

	@AfterEach
	void letGo() {
		this.end.countDown();
		this.alerts.close();
	}

	@Test
	void aListenerIsToldInOrder() {
		this.alerts.add("good", this.told::add);
		List<AlertEvent> published = IntStream.range(0, 8)
			.mapToObj((i) -> Events.firing("alert-" + i, AlertSeverity.WARNING))
			.toList();
		published.forEach(this.alerts::publish);
		this.alerts.flush(PATIENCE);
		assertThat(this.told).isEqualTo(published);
		assertThat(this.alerts.statistics()).containsExactly(new ListenerStatistics("good", 8, 0, 0));
	}

	@Test
	void whatIsTheMatterIsKnownUntilItIsOver() {
		AlertEvent warning = Events.firing("one", AlertSeverity.WARNING);
		AlertEvent critical = Events.firing("one", AlertSeverity.CRITICAL);
		AlertEvent other = Events.firing("two", AlertSeverity.WARNING);
		this.alerts.publish(warning);
		this.alerts.publish(other);
		this.alerts.publish(critical);
		assertThat(this.alerts.active()).containsExactlyInAnyOrder(critical, other);
		this.alerts.publish(Events.resolved("one", AlertSeverity.CRITICAL));
		assertThat(this.alerts.active()).containsExactly(other);
		this.alerts.active().clear();
		assertThat(this.alerts.active()).containsExactly(other);
	}

	@Test
	void whatIsNeverResolvedDoesNotFillTheMemory() {
		IntStream.range(0, 3000)
			.forEach((i) -> this.alerts.publish(Events.firing("alert-" + i, AlertSeverity.WARNING)));
		assertThat(this.alerts.active()).hasSize(1000);
	}

	@Test
	void aListenerThatThrowsHurtsNobody(CapturedOutput output) {
		this.alerts.add("throws", (event) -> {
			throw new IllegalStateException("broken listener");
		});
		this.alerts.add("fails", (event) -> {
			throw new StackOverflowError();
		});
		this.alerts.add("good", this.told::add);
		publish(3);
		this.alerts.flush(PATIENCE);
		assertThat(this.told).hasSize(3);
		assertThat(this.alerts.statistics()).containsExactly(new ListenerStatistics("throws", 0, 3, 0),
				new ListenerStatistics("fails", 0, 3, 0), new ListenerStatistics("good", 3, 0, 0));
		assertThat(output).containsOnlyOnce("The alert listener 'throws' failed")
			.containsOnlyOnce("java.lang.IllegalStateException: broken listener");
	}

	@Test
	void aListenerThatHangsHurtsNobodyAndItsOldestEventsAreDropped() {
		List<AlertEvent> late = new CopyOnWriteArrayList<>();
		this.alerts.add("hangs", (event) -> {
			late.add(event);
			awaitEnd();
		});
		this.alerts.add("good", this.told::add);
		this.alerts.publish(Events.firing("first", AlertSeverity.WARNING));
		Awaitility.await().until(() -> late.size() == 1);
		// One at a time, so that the queue of the good one is never full
		IntStream.range(0, 15).forEach((i) -> {
			this.alerts.publish(Events.firing("alert-" + i, AlertSeverity.WARNING));
			Awaitility.await().until(() -> this.told.size() == i + 2);
		});
		assertThat(this.alerts.statistics()).containsExactly(new ListenerStatistics("hangs", 0, 0, 5),
				new ListenerStatistics("good", 16, 0, 0));
		this.end.countDown();
		this.alerts.flush(PATIENCE);
		assertThat(late).extracting(AlertEvent::name).hasSize(11).startsWith("first", "alert-5").endsWith("alert-14");
	}

	@Test
	void aThreadIsThereOnlyWhileThereIsSomethingToTell() {
		this.alerts.add("own-thread", (event) -> {
			this.told.add(event);
			awaitEnd();
		});
		assertThat(threads()).isEmpty();
		publish(1);
		assertThat(threads()).hasSize(1).allMatch(Thread::isDaemon);
		this.end.countDown();
		Awaitility.await().until(() -> threads().isEmpty());
		publish(1);
		this.alerts.flush(PATIENCE);
		assertThat(this.told).hasSize(2);
	}

	@Test
	void theEndOfTheApplicationDoesNotWaitForAListenerThatHangs(CapturedOutput output) {
		List<String> interrupted = new CopyOnWriteArrayList<>();
		this.alerts.add("hangs", (event) -> {
			try {
				this.end.await();
			}
			catch (InterruptedException ex) {
				interrupted.add("yes");
			}
		});
		this.alerts.add("good", this.told::add);
		publish(3);
		long start = System.nanoTime();
		this.alerts.close();
		assertThat(Duration.ofNanos(System.nanoTime() - start)).isBetween(Duration.ofSeconds(4),
				Duration.ofSeconds(20));
		Awaitility.await().until(() -> !interrupted.isEmpty());
		assertThat(this.told).hasSize(3).allMatch((event) -> event.status() == AlertEvent.Status.FIRING);
		assertThat(this.alerts.statistics().get(0).dropped()).isEqualTo(2);
		assertThat(output).contains("2 events were not told to the alert listener 'hangs'");
		publish(1);
		assertThat(this.alerts.statistics()).extracting(ListenerStatistics::dropped).containsExactly(3L, 1L);
	}

	@Test
	void aSinkIsToldEveryMinuteWhatIsStillTheMatter() {
		List<List<AlertEvent>> repeated = new CopyOnWriteArrayList<>();
		this.alerts.add("sink", new Sink() {
			@Override
			public void onAlert(AlertEvent event) {
				AlertsTests.this.told.add(event);
			}

			@Override
			public void onStillFiring(List<AlertEvent> firing) {
				repeated.add(new ArrayList<>(firing));
			}
		});
		AlertEvent event = Events.firing("one", AlertSeverity.WARNING);
		this.alerts.publish(event);
		this.alerts.flush(PATIENCE);
		Instant now = Events.BEGAN;
		for (int second = 0; second <= 180; second++) {
			this.alerts.repeat(now.plusSeconds(second));
			this.alerts.flush(PATIENCE);
		}
		assertThat(repeated).hasSize(3).allMatch(List.of(event)::equals);
		this.alerts.publish(Events.resolved("one", AlertSeverity.WARNING));
		this.alerts.flush(PATIENCE);
		this.alerts.repeat(now.plusSeconds(1000));
		this.alerts.flush(PATIENCE);
		assertThat(repeated).hasSize(3);
		assertThat(this.told).hasSize(2);
	}

	@Test
	void aQueueWithoutRoomIsRefused() {
		assertThatIllegalArgumentException().isThrownBy(() -> new Alerts(0)).withMessageContaining("not 0");
	}

	private void publish(int events) {
		IntStream.range(0, events)
			.forEach((i) -> this.alerts.publish(Events.firing("alert-" + i, AlertSeverity.WARNING)));
	}

	private void awaitEnd() {
		try {
			this.end.await();
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

	private static List<Thread> threads() {
		return Thread.getAllStackTraces()
			.keySet()
			.stream()
			.filter((thread) -> thread.getName().equals("db-resilience-alerts-own-thread"))
			.toList();
	}

}
