// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.alert;

import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Slow, failing and odd answers of a real server on this host.
 */
class SinkHttpTests {

	private static final String TOKEN = "t0p-s3cr3t-token";

	private final CountDownLatch end = new CountDownLatch(1);

	private final SinkServer server = new SinkServer();

	private final SinkHttp http = http(5, Duration.ofSeconds(20));

	private final SinkTarget target = SinkTarget
		.of("webhook", "url", Secret.valueOf(this.server.url() + "/hooks/s3cr3t-path"), SinkTarget.PlainHttp.NEVER)
		.with("headers", Map.of("X-Team", Secret.valueOf("dba")), Secret.valueOf(TOKEN));

	@AfterEach
	void stop() {
		this.end.countDown();
		this.server.close();
	}

	@Test
	void whatIsAcceptedIsPostedOnce() {
		this.http.post(this.target, "{\"text\": \"Grüße\"}");
		assertThat(this.server.received()).hasSize(1);
		SinkServer.Received received = this.server.received().get(0);
		assertThat(received.method()).isEqualTo("POST");
		assertThat(received.path()).isEqualTo("/hooks/s3cr3t-path");
		assertThat(received.body()).isEqualTo("{\"text\": \"Grüße\"}");
		assertThat(received.headers().getFirst("Content-Type")).isEqualTo("application/json");
		assertThat(received.headers().getFirst("Authorization")).isEqualTo("Bearer " + TOKEN);
		assertThat(received.headers().getFirst("X-Team")).isEqualTo("dba");
	}

	@ParameterizedTest
	@ValueSource(ints = { 408, 429, 500, 502, 503, 504 })
	void whatMayPassIsTriedAgain(int status) {
		this.server.then(SinkServer.status(status)).then(SinkServer.status(status));
		this.http.post(this.target, "{}");
		assertThat(this.server.received()).hasSize(3);
	}

	@ParameterizedTest
	@ValueSource(ints = { 301, 302, 307, 400, 401, 403, 404, 413, 422 })
	void whatWillNotPassIsNotTriedAgain(int status) {
		this.server.then(SinkServer.header(status, "Location", this.server.url() + "/elsewhere"));
		assertThatExceptionOfType(DeliveryException.class).isThrownBy(() -> this.http.post(this.target, "{}"))
			.withMessage("webhook at 127.0.0.1 answered " + status + ", after 1 attempt");
		assertThat(this.server.received()).hasSize(1);
	}

	@Test
	void attemptsAreBounded() {
		for (int i = 0; i < 10; i++) {
			this.server.then(SinkServer.status(503));
		}
		assertThatExceptionOfType(DeliveryException.class)
			.isThrownBy(() -> http(3, Duration.ofSeconds(20)).post(this.target, "{}"))
			.withMessageEndingWith("answered 503, after 3 attempts");
		assertThat(this.server.received()).hasSize(3);
	}

	@Test
	void theServersWishToWaitIsHonoured() {
		this.server.then(SinkServer.header(429, "Retry-After", "2"));
		long start = System.nanoTime();
		this.http.post(this.target, "{}");
		assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThanOrEqualTo(Duration.ofSeconds(2));
		assertThat(this.server.received()).hasSize(2);
	}

	@Test
	void aDateThatHasPassedIsNoWait() {
		String past = DateTimeFormatter.RFC_1123_DATE_TIME.format(Instant.EPOCH.atZone(ZoneOffset.UTC));
		this.server.then(SinkServer.header(503, "Retry-After", past));
		this.http.post(this.target, "{}");
		assertThat(this.server.received()).hasSize(2);
	}

	@ParameterizedTest
	@ValueSource(strings = { "3600", "999999999", "Thu, 31 Dec 2099 23:59:59 GMT" })
	void aWaitBeyondTheBoundIsAnEndAtOnce(String retryAfter) {
		this.server.then(SinkServer.header(429, "Retry-After", retryAfter));
		long start = System.nanoTime();
		assertThatExceptionOfType(DeliveryException.class).isThrownBy(() -> this.http.post(this.target, "{}"));
		assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(10));
		assertThat(this.server.received()).hasSize(1);
	}

	@ParameterizedTest
	@ValueSource(strings = { "soon", "-5", "", "99999999999999999999" })
	void aWaitThatCannotBeReadIsNone(String retryAfter) {
		this.server.then(SinkServer.header(429, "Retry-After", retryAfter));
		assertThatCode(() -> this.http.post(this.target, "{}")).doesNotThrowAnyException();
		assertThat(this.server.received()).hasSize(2);
	}

	@Test
	void aServerThatDoesNotAnswerIsLeftAfterTheTimeout() {
		this.server.then((exchange) -> this.end.await()).then((exchange) -> this.end.await());
		assertThatExceptionOfType(DeliveryException.class).isThrownBy(() -> impatient(2).post(this.target, "{}"))
			.withMessage("webhook at 127.0.0.1 did not answer within 500 ms, after 2 attempts");
	}

	@Test
	void anAnswerThatNeverEndsIsLeftAfterTheTimeout() {
		this.server.then((exchange) -> {
			exchange.sendResponseHeaders(200, 0);
			exchange.getResponseBody().write("begun".getBytes());
			exchange.getResponseBody().flush();
			this.end.await();
		});
		assertThatExceptionOfType(DeliveryException.class).isThrownBy(() -> impatient(1).post(this.target, "{}"))
			.withMessage("webhook at 127.0.0.1 did not answer within 500 ms, after 1 attempt");
	}

	@Test
	void aServerThatIsAwayIsToldWithoutItsAddress() {
		this.server.close();
		assertThatExceptionOfType(DeliveryException.class)
			.isThrownBy(() -> http(2, Duration.ofSeconds(20)).post(this.target, "{}"))
			.withMessage("webhook at 127.0.0.1 could not be reached (ConnectException), after 2 attempts")
			.withNoCause();
	}

	@Test
	void whatTheServerSaysIsShownInOneLineAndWithoutSecrets() {
		String body = "bad token " + TOKEN + "\nat /hooks/s3cr3t-path for dba " + "x".repeat(1_000_000);
		this.server.then(SinkServer.body(400, body));
		assertThatExceptionOfType(DeliveryException.class).isThrownBy(() -> this.http.post(this.target, "{}"))
			.satisfies((ex) -> assertThat(ex.getMessage()).contains("bad token ****** at ****** for ****** xxx")
				.hasSizeLessThan(500)
				.doesNotContain("\n")
				.doesNotContain("s3cr3t"));
	}

	@Test
	void theWaitEndsWithTheApplication() {
		for (int i = 0; i < 10; i++) {
			this.server.then(SinkServer.header(503, "Retry-After", "15"));
		}
		Alerts alerts = new Alerts(10);
		alerts.add("webhook", new WebhookSink(this.http, this.target));
		alerts.publish(Events.firing("one", AlertSeverity.WARNING));
		Awaitility.await().until(() -> this.server.received().size() == 1);
		CompletableFuture.runAsync(alerts::close).orTimeout(14, TimeUnit.SECONDS).join();
		Awaitility.await().until(() -> alerts.statistics().get(0).failed() == 1);
		assertThat(this.server.received()).hasSize(1);
	}

	@Test
	void nothingShowsATarget() {
		assertThat(List.of(this.target, Secret.valueOf(TOKEN), this.target.headers()).toString()
				+ String.format("%s", this.target))
			.contains("webhook at 127.0.0.1")
			.doesNotContain("s3cr3t");
		assertThat(this.target.uri()).isEqualTo(URI.create(this.server.url() + "/hooks/s3cr3t-path"));
	}

	private static SinkHttp http(int maxAttempts, Duration maxDuration) {
		return new SinkHttp(
				new AlertSettings.Http(Duration.ofSeconds(10), Duration.ofSeconds(10), maxAttempts, maxDuration));
	}

	/** For servers that do not answer; a busy machine must not look like one. */
	private static SinkHttp impatient(int maxAttempts) {
		return new SinkHttp(new AlertSettings.Http(Duration.ofSeconds(10), Duration.ofMillis(500), maxAttempts,
				Duration.ofSeconds(20)));
	}

}
