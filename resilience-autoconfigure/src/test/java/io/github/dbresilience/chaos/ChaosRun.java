// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.chaos;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;

import io.github.dbresilience.testing.FaultProxy;
import io.github.dbresilience.testing.PostgresServer;
import io.github.dbresilience.testing.Seed;
import org.awaitility.Awaitility;

/**
 * One run: a server behind a proxy, applications, callers and a nemesis.
 */
final class ChaosRun implements AutoCloseable {

	/** Callers without transactions, which nobody can try again. */
	static final String AUTOCOMMIT = "autocommit";

	private static final Duration TIMEOUT = Duration.ofSeconds(60);

	private final RunClock clock = new RunClock();

	private final List<Application> applications = new ArrayList<>();

	private final Supplier<PostgresServer> server;

	private final FaultProxy proxy;

	private final Workload workload;

	private final Nemesis nemesis;

	/**
	 * Creates the tables.
	 * @param server the server that is primary at the time
	 * @param seed what callers and nemesis begin with
	 * @throws SQLException if the tables cannot be created
	 */
	ChaosRun(Supplier<PostgresServer> server, Seed seed) throws SQLException {
		this.server = server;
		this.proxy = FaultProxy.to(server.get());
		this.workload = new Workload(this.clock, seed);
		this.nemesis = new Nemesis(this.clock, seed.random(0));
		try (Connection connection = server.get().connect()) {
			LedgerTables.create(connection);
		}
	}

	/**
	 * What an application needs to find the server through the proxy.
	 * @param more further properties
	 * @return {@code key=value}
	 */
	List<String> properties(String... more) {
		return Stream.concat(Stream.of("spring.datasource.url=" + this.proxy.jdbcUrl(),
				"spring.datasource.username=" + this.server.get().username(),
				"spring.datasource.password=" + this.server.get().password()), Stream.of(more))
			.toList();
	}

	/**
	 * Takes an application into the run, which will close it.
	 * @param application the application
	 * @return the same
	 */
	Application with(Application application) {
		this.applications.add(application);
		return application;
	}

	/**
	 * Lets the callers finish, waits until the server has, and compares.
	 * @return the verdict
	 * @throws Exception if that cannot be
	 */
	Verdict finish() throws Exception {
		History history = this.workload.stop(TIMEOUT);
		this.applications.forEach(Application::close);
		Awaitility.await()
			.pollInterval(Duration.ofMillis(20))
			.atMost(Duration.ofSeconds(30))
			.until(() -> sessions() == 0);
		try (Connection connection = this.server.get().connect()) {
			return Verdict.of(history, LedgerTables.read(connection), LedgerTables.INITIAL_BALANCE);
		}
	}

	private int sessions() {
		try (Connection connection = this.server.get().connect();
				var statement = connection.createStatement();
				var result = statement.executeQuery("select count(*) from pg_stat_activity "
						+ "where backend_type = 'client backend' and pid <> pg_backend_pid()")) {
			result.next();
			return result.getInt(1);
		}
		catch (SQLException ex) {
			throw new IllegalStateException(ex);
		}
	}

	Workload workload() {
		return this.workload;
	}

	Nemesis nemesis() {
		return this.nemesis;
	}

	FaultProxy proxy() {
		return this.proxy;
	}

	String report(Verdict verdict) {
		return verdict + verdict.details(this.nemesis.disturbances()) + "\n\n" + Callers.table(verdict.history()) + "\n"
				+ Impact.table(Impact.of(verdict.history().without(AUTOCOMMIT), this.nemesis.disturbances()));
	}

	@Override
	public void close() {
		this.applications.forEach(Application::close);
		this.proxy.close();
	}

}
