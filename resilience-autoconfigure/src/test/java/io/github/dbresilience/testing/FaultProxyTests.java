// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.testing;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.FutureTask;

import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for what a {@link FaultProxy} does to connections.
 */
class FaultProxyTests {

	private static PostgresServer server;

	private FaultProxy proxy;

	@BeforeAll
	static void startServer() {
		server = PostgresServer.create();
	}

	@AfterAll
	static void stopServer() {
		server.close();
	}

	@BeforeEach
	void startProxy() {
		this.proxy = FaultProxy.to(server);
	}

	@AfterEach
	void stopProxy() {
		this.proxy.close();
	}

	@Test
	void withoutFaultsAllGoesThrough() throws SQLException {
		try (Connection connection = connect("")) {
			String large = "x".repeat(3_000_000);
			assertThat(query(connection, "select '" + large + "'")).isEqualTo(large);
			Traffic before = this.proxy.traffic();
			assertThat(query(connection, "select 1")).isEqualTo("1");
			Traffic added = this.proxy.traffic().since(before);
			assertThat(added.roundTrips()).isOne();
			assertThat(added.messages()).isEqualTo(5);
			assertThat(added.connections()).isZero();
			assertThat(this.proxy.traffic().bytesToClient()).isGreaterThan(large.length());
			assertThat(this.proxy.openConnections()).isOne();
		}
		Awaitility.await().until(() -> this.proxy.openConnections() == 0);
		assertThat(this.proxy.traffic().connections()).isOne();
	}

	@Test
	void cutAndResetEndBothSides() throws SQLException {
		Runnable[] faults = { this.proxy::cut, this.proxy::reset };
		for (Runnable fault : faults) {
			try (Connection connection = connect("?ApplicationName=cut")) {
				fault.run();
				assertLost(connection);
				Awaitility.await().until(() -> sessions("cut") == 0);
			}
		}
		connect("").close();
	}

	@Test
	void aRefusedClientGetsInOnceTheProxyAcceptsAgain() throws SQLException {
		try (Connection open = connect("")) {
			this.proxy.refuse();
			assertThatExceptionOfType(SQLException.class).isThrownBy(() -> connect(""))
				.returns("08001", SQLException::getSQLState)
				.withMessageContaining("refused");
			assertThat(query(open, "select 1")).isEqualTo("1");
			this.proxy.accept();
			connect("").close();
		}
	}

	@Test
	void aBlackHoleAnswersNobodyUntilItIsHealed() throws SQLException {
		try (Connection connection = connect("")) {
			this.proxy.blackHole();
			FutureTask<String> answer = new FutureTask<>(() -> query(connection, "select 1"));
			FutureTask<Connection> login = new FutureTask<>(() -> connect(""));
			new Thread(answer).start();
			new Thread(login).start();
			Awaitility.await().during(Duration.ofMillis(300)).until(() -> !answer.isDone() && !login.isDone());
			this.proxy.heal();
			assertThat(answer).succeedsWithin(Duration.ofSeconds(5)).isEqualTo("1");
			assertThat(login).succeedsWithin(Duration.ofSeconds(5)).satisfies(Connection::close);
		}
	}

	@Test
	void theServerDoesNotLearnOfAClientThatLeavesInABlackHole() throws SQLException {
		Connection connection = connect("?ApplicationName=hole");
		this.proxy.blackHole();
		connection.close();
		Awaitility.await().during(Duration.ofMillis(300)).until(() -> sessions("hole") == 1);
		this.proxy.heal();
		Awaitility.await().until(() -> sessions("hole") == 0);
	}

	@Test
	void aDelayIsAddedToEachDirection() throws SQLException {
		try (Connection connection = connect("")) {
			long without = medianNanos(connection, 200);
			this.proxy.delay(Duration.ofMillis(1));
			long with = medianNanos(connection, 200);
			System.out.printf("round trip %d µs, with 1 ms in each direction %d µs%n", without / 1000, with / 1000);
			assertThat(with - without).isBetween(1_900_000L, 4_000_000L);
			this.proxy.delay(Duration.ZERO);
			assertThat(medianNanos(connection, 200)).isLessThan(1_900_000L);
		}
	}

	@Test
	void aDelayDoesNotLimitTheThroughput() throws SQLException {
		try (Connection connection = connect("")) {
			this.proxy.delay(Duration.ofMillis(50));
			long start = System.nanoTime();
			try (Statement statement = connection.createStatement();
					ResultSet rows = statement
						.executeQuery("select repeat('x', 1000) from generate_series(1, 20000)")) {
				int count = 0;
				while (rows.next()) {
					count++;
				}
				assertThat(count).isEqualTo(20_000);
			}
			assertThat(Duration.ofNanos(System.nanoTime() - start)).isBetween(Duration.ofMillis(100),
					Duration.ofSeconds(3));
		}
	}

	@Test
	void newConnectionsGoToTheNewTarget() throws SQLException {
		try (PostgresServer other = PostgresServer.create(); Connection old = connect("")) {
			this.proxy.retarget(other);
			try (Connection fresh = connect("")) {
				assertThat(query(fresh, "show port")).isEqualTo(Integer.toString(other.port()));
				assertThat(query(old, "show port")).isEqualTo(Integer.toString(server.port()));
			}
		}
	}

	@Test
	void aServerThatIsDownLooksLikeOne() throws SQLException {
		try (PostgresServer other = PostgresServer.create()) {
			this.proxy.retarget(other);
			try (Connection connection = connect("")) {
				other.killPostmasterAndBackends();
				assertLost(connection);
			}
			assertThatExceptionOfType(SQLException.class).isThrownBy(() -> connect(""))
				.returns("08001", SQLException::getSQLState);
			other.start();
			connect("").close();
		}
	}

	@Test
	void anEncryptedConnectionPassesAndIsCut() throws SQLException {
		try (PostgresServer tls = PostgresServer.builder().tlsOnly().start()) {
			this.proxy.retarget(tls);
			try (Connection connection = connect("?sslmode=verify-full&sslrootcert=" + tls.rootCertificate())) {
				assertThat(query(connection, "select ssl::text from pg_stat_ssl where pid = pg_backend_pid()"))
					.isEqualTo("true");
				this.proxy.cut();
				assertLost(connection);
			}
		}
	}

	@Test
	void aQueryIsCancelledThroughTheProxy() throws SQLException {
		try (Connection connection = connect(""); Statement statement = connection.createStatement()) {
			statement.setQueryTimeout(1);
			assertThatExceptionOfType(SQLException.class).isThrownBy(() -> statement.execute("select pg_sleep(30)"))
				.returns("57014", SQLException::getSQLState);
		}
	}

	@Test
	void aSeedRepeatsItsNumbers() {
		Seed seed = Seed.take();
		assertThat(seed.random().nextLong()).isEqualTo(new Seed(seed.value()).random().nextLong());
		assertThat(seed.random(1).nextLong()).isNotEqualTo(seed.random(2).nextLong());
		assertThat(seed)
			.hasToString("seed " + seed.value() + ", replay with -Ddb.resilience.test.seed=" + seed.value());
	}

	private Connection connect(String parameters) throws SQLException {
		return DriverManager.getConnection(this.proxy.jdbcUrl() + parameters, server.username(), server.password());
	}

	private static void assertLost(Connection connection) {
		assertThatExceptionOfType(SQLException.class).isThrownBy(() -> query(connection, "select 1"))
			.returns("08006", SQLException::getSQLState);
	}

	private static int sessions(String application) throws SQLException {
		try (Connection connection = server.connect()) {
			return Integer.parseInt(query(connection,
					"select count(*) from pg_stat_activity where application_name = '" + application + "'"));
		}
	}

	private static long medianNanos(Connection connection, int count) throws SQLException {
		long[] nanos = new long[count];
		for (int i = 0; i < count; i++) {
			long start = System.nanoTime();
			query(connection, "select 1");
			nanos[i] = System.nanoTime() - start;
		}
		Arrays.sort(nanos);
		return nanos[count / 2];
	}

	private static String query(Connection connection, String sql) throws SQLException {
		try (Statement statement = connection.createStatement(); ResultSet result = statement.executeQuery(sql)) {
			result.next();
			return result.getString(1);
		}
	}

}
