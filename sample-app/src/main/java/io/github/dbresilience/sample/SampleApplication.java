// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.sample;

import java.time.Clock;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;
import org.springframework.retry.annotation.RetryConfiguration;

/**
 * A small ledger-and-orders service on a database that may fail at any moment.
 * <p>
 * {@link RetryConfiguration} is what {@code @EnableRetry} imports; naming it instead does
 * without AspectJ, as the proxies of {@code @Transactional} serve {@code @Retryable} too.
 */
@SpringBootApplication
@Import(RetryConfiguration.class)
public class SampleApplication {

	public static void main(String[] args) {
		SpringApplication.run(SampleApplication.class, args);
	}

	@Bean
	Clock clock() {
		return Clock.systemUTC();
	}

}
