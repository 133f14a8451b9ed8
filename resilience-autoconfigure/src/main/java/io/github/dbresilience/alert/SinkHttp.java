// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.alert;

import java.io.ByteArrayOutputStream;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodySubscribers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

import org.jspecify.annotations.Nullable;

import org.springframework.util.function.SingletonSupplier;

/**
 * Posts JSON, and tries again within bounds where that makes sense: no answer, 408, 429
 * and 5xx. Redirects are not followed, as they would take tokens along. Thread-safe.
 */
final class SinkHttp {

	/** The upper bound of the first wait, which doubles; each wait is drawn below it. */
	private static final Duration FIRST_WAIT = Duration.ofMillis(500);

	private static final int LARGEST_ANSWER = 300;

	private final AlertSettings.Http settings;

	/** The JDK's client has a thread of its own, which nobody needs before an alert. */
	private final SingletonSupplier<HttpClient> client;

	SinkHttp(AlertSettings.Http settings) {
		this.settings = settings;
		this.client = SingletonSupplier.of(() -> HttpClient.newBuilder()
			.version(HttpClient.Version.HTTP_1_1)
			.connectTimeout(settings.connectTimeout())
			.followRedirects(HttpClient.Redirect.NEVER)
			.build());
	}

	/**
	 * Posts until it is accepted.
	 * @param target where to
	 * @param json what
	 * @throws DeliveryException if it was not accepted within the bounds
	 */
	void post(SinkTarget target, String json) {
		HttpRequest request = request(target, json);
		long deadline = System.nanoTime() + this.settings.maxDuration().toNanos();
		Duration bound = FIRST_WAIT;
		for (int attempt = 1;; attempt++) {
			Answer answer = attempt(target, request, deadline);
			if (answer.isAccepted()) {
				return;
			}
			Duration wait = (answer.retryAfter() != null) ? answer.retryAfter() : jitter(bound);
			if (!answer.isWorthARetry() || attempt == this.settings.maxAttempts()
					|| System.nanoTime() + wait.toNanos() >= deadline) {
				throw new DeliveryException("%s %s, after %d attempt%s".formatted(target, answer.problem(), attempt,
						(attempt == 1) ? "" : "s"));
			}
			sleep(target, wait);
			bound = bound.multipliedBy(2);
		}
	}

	private HttpRequest request(SinkTarget target, String json) {
		HttpRequest.Builder builder = HttpRequest.newBuilder(target.uri())
			.header("User-Agent", "db-resilience")
			.header("Content-Type", "application/json");
		target.headers().forEach((name, value) -> builder.setHeader(name, value.reveal()));
		return builder.POST(HttpRequest.BodyPublishers.ofString(json, StandardCharsets.UTF_8)).build();
	}

	/**
	 * The client's own time-out would end with the headers; this one is of the whole
	 * answer.
	 */
	private Answer attempt(SinkTarget target, HttpRequest request, long deadline) {
		long timeout = Math.min(this.settings.requestTimeout().toNanos(), Math.max(1, deadline - System.nanoTime()));
		ByteArrayOutputStream body = new ByteArrayOutputStream();
		CompletableFuture<HttpResponse<Void>> future = this.client.obtain()
			.sendAsync(request, (info) -> BodySubscribers.ofByteArrayConsumer((part) -> part.ifPresent((bytes) -> {
				body.write(bytes, 0, Math.min(bytes.length, LARGEST_ANSWER - Math.min(body.size(), LARGEST_ANSWER)));
			})));
		try {
			HttpResponse<Void> response = future.get(timeout, TimeUnit.NANOSECONDS);
			return Answer.of(response, target.redact(body.toString(StandardCharsets.UTF_8)));
		}
		catch (TimeoutException ex) {
			future.cancel(true);
			return Answer.none("did not answer within " + this.settings.requestTimeout().toMillis() + " ms");
		}
		catch (ExecutionException ex) {
			return Answer.none("could not be reached (" + nameOf(ex.getCause()) + ")");
		}
		catch (InterruptedException ex) {
			future.cancel(true);
			throw interrupted(target);
		}
	}

	/** The message may contain the URL; the name of the class says enough. */
	private static String nameOf(@Nullable Throwable cause) {
		return (cause != null) ? cause.getClass().getSimpleName() : "no reason told";
	}

	private static Duration jitter(Duration bound) {
		return Duration.ofNanos(ThreadLocalRandom.current().nextLong(bound.toNanos() / 2, bound.toNanos() + 1));
	}

	private static void sleep(SinkTarget target, Duration wait) {
		try {
			TimeUnit.NANOSECONDS.sleep(wait.toNanos());
		}
		catch (InterruptedException ex) {
			throw interrupted(target);
		}
	}

	private static DeliveryException interrupted(SinkTarget target) {
		Thread.currentThread().interrupt();
		return new DeliveryException(target + " was not told, as the application stops");
	}

}
