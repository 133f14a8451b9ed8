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
		assertThat(RetryScope.<Boolean>within(RetryScope::isOpen)).isTrue();
		assertThat(RetryScope.isOpen()).isFalse();
	}

	@Test
	void theEndOfAnInnerScopeDoesNotEndTheOuterOne() {
		boolean open = RetryScope.within(() -> {
			RetryScope.within(() -> "inner");
			return RetryScope.isOpen();
		});
		assertThat(open).isTrue();
		assertThat(RetryScope.isOpen()).isFalse();
	}

	@Test
	void aFailureEndsItsScope() {
		assertThatIllegalStateException().isThrownBy(() -> RetryScope.within(() -> {
			throw new IllegalStateException();
		}));
		assertThat(RetryScope.isOpen()).isFalse();
	}

	@Test
	void theFailureOfAnInnerScopeDoesNotEndTheOuterOne() {
		boolean open = RetryScope.within(() -> {
			assertThatIllegalStateException().isThrownBy(() -> RetryScope.within(() -> {
				throw new IllegalStateException();
			}));
			return RetryScope.isOpen();
		});
		assertThat(open).isTrue();
	}

	@Test
	void aScopeBelongsToItsThread() {
		boolean elsewhere = RetryScope.within(() -> CompletableFuture.supplyAsync(RetryScope::isOpen).join());
		assertThat(elsewhere).isFalse();
	}

}
