// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.retry;

import java.time.Duration;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class DeadlineTests {

	private final FakeTime time = new FakeTime();

	@Test
	void aNewDeadlineHasAllItsTimeLeft() {
		Deadline deadline = Deadline.after(Duration.ofSeconds(15), this.time);
		assertThat(deadline.remainingNanos()).isEqualTo(Duration.ofSeconds(15).toNanos());
		assertThat(deadline.isOver()).isFalse();
		assertThat(deadline.elapsed()).isZero();
	}

	@Test
	void whatPassedIsNotLeft() {
		Deadline deadline = Deadline.after(Duration.ofSeconds(15), this.time);
		this.time.pass(Duration.ofMillis(4999));
		assertThat(deadline.remainingNanos()).isEqualTo(Duration.ofMillis(10_001).toNanos());
		assertThat(deadline.elapsed()).isEqualTo(Duration.ofMillis(4999));
		assertThat(deadline.isOver()).isFalse();
	}

	@Test
	void aDeadlineIsOverOnTime() {
		Deadline deadline = Deadline.after(Duration.ofSeconds(15), this.time);
		this.time.pass(Duration.ofSeconds(15).minusNanos(1));
		assertThat(deadline.isOver()).isFalse();
		this.time.pass(Duration.ofNanos(1));
		assertThat(deadline.isOver()).isTrue();
		assertThat(deadline.remainingNanos()).isZero();
	}

	@Test
	void aDeadlineThatIsOverStaysOver() {
		Deadline deadline = Deadline.after(Duration.ofSeconds(1), this.time);
		this.time.pass(Duration.ofHours(1));
		assertThat(deadline.isOver()).isTrue();
		assertThat(deadline.remainingNanos()).isZero();
		assertThat(deadline.elapsed()).isEqualTo(Duration.ofHours(1));
	}

	@Test
	void aDeadlineWithoutLengthIsOverAtOnce() {
		assertThat(Deadline.after(Duration.ZERO, this.time).isOver()).isTrue();
	}

}
