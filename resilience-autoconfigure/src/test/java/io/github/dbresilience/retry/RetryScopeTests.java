// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.retry;

import java.util.concurrent.CompletableFuture;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

class RetryScopeTests {

	@Test
	void aScopeIsOpenInsideOnly() {
		assertThat(RetryScope.isOpen()).isFalse();
		assertThat(new RetryScope().<Boolean>run(RetryScope::isOpen)).isTrue();
		assertThat(RetryScope.isOpen()).isFalse();
	}

	@Test
	void theEndOfAnInnerScopeDoesNotEndTheOuterOne() {
		boolean open = new RetryScope().run(() -> {
			new RetryScope().run(() -> "inner");
			return RetryScope.isOpen();
		});
		assertThat(open).isTrue();
		assertThat(RetryScope.isOpen()).isFalse();
	}

	@Test
	void aFailureEndsItsScope() {
		assertThatIllegalStateException().isThrownBy(() -> new RetryScope().run(() -> {
			throw new IllegalStateException();
		}));
		assertThat(RetryScope.isOpen()).isFalse();
	}

	@Test
	void theFailureOfAnInnerScopeDoesNotEndTheOuterOne() {
		boolean open = new RetryScope().run(() -> {
			assertThatIllegalStateException().isThrownBy(() -> new RetryScope().run(() -> {
				throw new IllegalStateException();
			}));
			return RetryScope.isOpen();
		});
		assertThat(open).isTrue();
	}

	@Test
	void aScopeBelongsToItsThread() {
		boolean elsewhere = new RetryScope().run(() -> CompletableFuture.supplyAsync(RetryScope::isOpen).join());
		assertThat(elsewhere).isFalse();
	}

}
