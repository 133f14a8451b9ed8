// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.monitor;

import java.time.Duration;
import java.time.Instant;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link Backlog}.
 */
class BacklogTests {

	private static final Instant START = Instant.parse("2026-01-31T12:00:00Z");

	private final Backlog backlog = new Backlog();

	@Test
	void aFollowerThatComesByEveryTimeIsNotBehindHoweverBusyTheLeaderIs() {
		for (int look = 0; look < 100; look++) {
			assertThat(look(1000 + look * 100, 990 + look * 100, look * 30)).isZero();
		}
	}

	@Test
	void aFollowerThatStandsStillIsBehindSinceTheLookBefore() {
		look(1000, 1000, 0);
		look(1100, 1000, 30);
		assertThat(look(1200, 1000, 60)).isEqualTo(Duration.ofSeconds(30));
		assertThat(look(1300, 1000, 90)).isEqualTo(Duration.ofSeconds(60));
	}

	@Test
	void itIsOverWhenTheFollowerComesBy() {
		look(1000, 900, 0);
		assertThat(look(2000, 900, 30)).isEqualTo(Duration.ofSeconds(30));
		assertThat(look(2000, 1000, 60)).isZero();
	}

	@Test
	void aLeaderThatBeginsAnewAndAClockThatIsSetBackBeginAnew() {
		look(1000, 900, 0);
		assertThat(look(500, 400, 30)).isZero();
		assertThat(look(500, 400, 20)).isZero();
		assertThat(look(500, 400, 30)).isEqualTo(Duration.ofSeconds(10));
	}

	private Duration look(long leader, long follower, int second) {
		return this.backlog.look(leader, follower, START.plusSeconds(second));
	}

}
