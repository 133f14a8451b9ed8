// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.chaos;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

import io.github.dbresilience.chaos.Dependency.Kind;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Cycles are found in long chains, and the shortest is told.
 */
class CycleSearchTests {

	private final List<Operation> operations = IntStream.range(0, 20_000)
		.mapToObj((number) -> new Operation("p", Duration.ofMillis(number), Duration.ofMillis(number),
				new Action.Lists(List.of()), Outcome.OK, null))
		.toList();

	private final List<Dependency> dependencies = new ArrayList<>();

	@Test
	void aChainHasNoCycle() {
		chain();
		assertThat(new CycleSearch(this.dependencies).cycles()).isEmpty();
	}

	@Test
	void aRingIsFoundHoweverLong() {
		chain();
		add(19_999, 0, Kind.RW);
		assertThat(new CycleSearch(this.dependencies).cycles()).singleElement()
			.satisfies((cycle) -> assertThat(cycle.dependencies()).hasSize(20_000))
			.satisfies((cycle) -> assertThat(cycle.anomaly()).isEqualTo("G-single"));
	}

	@Test
	void theShortestOfTheWorstKindIsTold() {
		add(0, 1, Kind.WW);
		add(1, 2, Kind.WR);
		add(2, 0, Kind.WR);
		add(1, 0, Kind.RW);
		add(2, 3, Kind.WR);
		add(3, 0, Kind.WW);
		assertThat(new CycleSearch(this.dependencies).cycles()).singleElement()
			.satisfies((cycle) -> assertThat(cycle.dependencies()).hasSize(3))
			.satisfies((cycle) -> assertThat(cycle.anomaly()).isEqualTo("G1c"));
	}

	@Test
	void oneAntiDependencyIsWorseThanTwoHoweverShortTheirCycle() {
		add(0, 1, Kind.RW);
		add(1, 0, Kind.RW);
		add(1, 2, Kind.WR);
		add(2, 0, Kind.WR);
		assertThat(new CycleSearch(this.dependencies).cycles()).extracting(Cycle::anomaly).containsExactly("G-single");
	}

	@Test
	void separateTanglesAreToldSeparately() {
		add(0, 1, Kind.RW);
		add(1, 0, Kind.RW);
		add(1, 2, Kind.WW);
		add(2, 3, Kind.WW);
		add(3, 2, Kind.WW);
		assertThat(new CycleSearch(this.dependencies).cycles()).extracting(Cycle::anomaly)
			.containsExactlyInAnyOrder("G0", "G2");
	}

	private void chain() {
		IntStream.range(1, this.operations.size()).forEach((number) -> add(number - 1, number, Kind.WR));
	}

	private void add(int from, int to, Kind kind) {
		this.dependencies.add(new Dependency(this.operations.get(from), this.operations.get(to), kind, "test"));
	}

}
