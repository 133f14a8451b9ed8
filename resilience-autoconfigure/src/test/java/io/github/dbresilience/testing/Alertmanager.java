// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

import org.springframework.util.FileSystemUtils;

/**
 * A real Prometheus Alertmanager on a free port of this host, from the program that the
 * machine has (Debian's package "prometheus-alertmanager"). It runs under an unprivileged
 * account, notifies nobody and ends with the JVM, whatever the reason. Failures are
 * {@link IllegalStateException}s.
 */
public final class Alertmanager implements AutoCloseable {

	private static final Duration TIMEOUT = Duration.ofSeconds(20);

	private static final HttpClient CLIENT = HttpClient.newBuilder().connectTimeout(TIMEOUT).build();

	private final int port;

	private final Path directory;

	private final Guard guard;

	private final ProcessHandle process;

	private Alertmanager(int port, Path directory, Guard guard) {
		this.port = port;
		this.directory = directory;
		this.guard = guard;
		this.process = ProcessHandle.of(guard.serverPid())
			.orElseThrow(() -> new IllegalStateException("Alertmanager did not start:\n" + log()));
	}

	/**
	 * Whether the machine has the program.
	 * @return whether {@link #start} will find it
	 */
	public static boolean isInstalled() {
		return programs("prometheus-alertmanager", "alertmanager").findFirst().isPresent();
	}

	/**
	 * Whether a test must not be skipped where it is missing.
	 * @return whether the system property {@code db-resilience.test.alertmanager} or the
	 * environment variable {@code DB_RESILIENCE_TEST_ALERTMANAGER} says {@code required}
	 */
	public static boolean isRequired() {
		return "required".equals(System.getProperty("db-resilience.test.alertmanager",
				System.getenv("DB_RESILIENCE_TEST_ALERTMANAGER")));
	}

	/**
	 * Starts an Alertmanager.
	 * @return one that is ready
	 */
	public static Alertmanager start() {
		Path program = programs("prometheus-alertmanager", "alertmanager").findFirst()
			.orElseThrow(() -> new IllegalStateException("There is no program prometheus-alertmanager on this machine. "
					+ "Install it with .ci/install-packages, which keeps its service from running"));
		int port = FreePort.find();
		try {
			Path directory = Files.createTempDirectory("db-resilience-alertmanager-");
			ServerAccount account = ServerAccount.forOwnerOf(directory);
			account.own(directory);
			Path configuration = Files.writeString(directory.resolve("alertmanager.yml"),
					"route: {receiver: nobody}\nreceivers: [{name: nobody}]\n");
			account.own(configuration);
			Guard guard = Guard.start(account.command(List.of(program.toString(), "--config.file=" + configuration,
					"--storage.path=" + directory.resolve("data"), "--web.listen-address=127.0.0.1:" + port,
					"--cluster.listen-address=")), directory.resolve("log"), directory);
			Alertmanager alertmanager = new Alertmanager(port, directory, guard);
			alertmanager.awaitStart();
			return alertmanager;
		}
		catch (IOException ex) {
			throw new UncheckedIOException("Cannot make the directory of Alertmanager", ex);
		}
	}

	private static Stream<Path> programs(String... names) {
		return Stream.of(System.getenv("PATH").split(":"))
			.flatMap((directory) -> Stream.of(names).map((name) -> Path.of(directory, name)))
			.filter(Files::isExecutable);
	}

	private void awaitStart() {
		try {
			Postmaster.until("start of Alertmanager", () -> !Postmaster.isAlive(this.process) || isReady());
		}
		catch (RuntimeException ex) {
			close();
			throw ex;
		}
		if (!Postmaster.isAlive(this.process)) {
			String log = log();
			close();
			throw new IllegalStateException("Alertmanager did not start:\n" + log);
		}
	}

	private boolean isReady() {
		try {
			return get("/-/ready").statusCode() == 200;
		}
		catch (IOException ex) {
			return false;
		}
	}

	private HttpResponse<String> get(String path) throws IOException {
		try {
			return CLIENT.send(HttpRequest.newBuilder(URI.create(url() + path)).timeout(TIMEOUT).build(),
					HttpResponse.BodyHandlers.ofString());
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new IllegalStateException(ex);
		}
	}

	private String log() {
		try {
			return Files.readString(this.directory.resolve("log"));
		}
		catch (IOException ex) {
			return "(no log: " + ex.getMessage() + ")";
		}
	}

	/**
	 * {@return its address, without a slash at the end}
	 */
	public String url() {
		return "http://127.0.0.1:" + this.port;
	}

	/**
	 * The alerts that are the matter, by its API version 2.
	 * @return what {@code GET /api/v2/alerts} answers
	 */
	public String activeAlerts() {
		try {
			HttpResponse<String> response = get("/api/v2/alerts?active=true&silenced=false&inhibited=false");
			if (response.statusCode() != 200) {
				throw new IllegalStateException(response.statusCode() + ": " + response.body());
			}
			return response.body();
		}
		catch (IOException ex) {
			throw new UncheckedIOException("Alertmanager does not answer:\n" + log(), ex);
		}
	}

	/**
	 * What its own command line tool sees.
	 * @return the lines of {@code amtool alert query}, {@code null} if it is not
	 * installed
	 */
	public List<String> amtool() {
		Path tool = programs("amtool").findFirst().orElse(null);
		return (tool == null) ? List.of()
				: Command
					.run(List.of(tool.toString(), "--alertmanager.url=" + url(), "--output=simple", "alert", "query"))
					.lines()
					.toList();
	}

	/**
	 * Whether its command line tool is there.
	 * @return whether {@link #amtool()} can be asked
	 */
	public static boolean hasAmtool() {
		return programs("amtool").findFirst().isPresent();
	}

	/**
	 * Ends it and removes its directory.
	 */
	@Override
	public void close() {
		Postmaster.signal("KILL", List.of(this.process));
		Postmaster.until("end of Alertmanager", () -> !Postmaster.isAlive(this.process));
		this.guard.release(TIMEOUT);
		try {
			FileSystemUtils.deleteRecursively(this.directory);
		}
		catch (IOException ex) {
			throw new UncheckedIOException("Cannot remove " + this.directory, ex);
		}
	}

}
