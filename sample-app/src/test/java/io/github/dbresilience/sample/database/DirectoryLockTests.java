// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.sample.database;

import java.nio.file.Path;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

class DirectoryLockTests {

	private final DirectoryLock first;

	private final DirectoryLock second;

	DirectoryLockTests(@TempDir Path directory) {
		this.first = new DirectoryLock(directory);
		this.second = new DirectoryLock(directory);
	}

	@Test
	void onlyOneHoldsIt() {
		this.first.take();
		this.first.take();
		assertThatExceptionOfType(DatabaseSetupException.class).isThrownBy(this.second::take)
			.withMessageContaining("process id " + ProcessHandle.current().pid());
		assertThat(this.second.isHeld()).isFalse();
	}

	@Test
	void itCanBeTakenAfterItWasGivenBack() {
		this.first.take();
		this.first.close();
		this.second.take();
		assertThat(this.first.isHeld()).isFalse();
		assertThat(this.second.isHeld()).isTrue();
		this.second.close();
	}

}
