// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.testing;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.UUID;

import org.postgresql.ds.PGSimpleDataSource;

/**
 * A database of a real PostgreSQL for ordinary tests. Fresh ones come from one server per
 * JVM: a container when Docker answers, otherwise a {@link PostgresServer}. The system
 * property {@code db-resilience.test.database} ({@code docker} or {@code embedded})
 * decides otherwise, {@code db-resilience.test.image} names another image. The user is
 * nothing special: it owns this database and is no superuser. A test that does faults to
 * the server itself needs a {@link PostgresServer} of its own.
 * <p>
 * Thread-safe. Failures are {@link IllegalStateException}s.
 */
public final class TestDatabase implements AutoCloseable {

	private final DatabaseServer server;

	private final String name;

	TestDatabase(DatabaseServer server, String name) {
		this.server = server;
		this.name = name;
	}

	/**
	 * Creates an empty database with a unique name.
	 * @return the database
	 */
	public static TestDatabase create() {
		DatabaseServer server = SharedServer.obtain();
		String name = "test_" + UUID.randomUUID().toString().replace("-", "");
		server.createDatabase(name);
		return new TestDatabase(server, name);
	}

	/**
	 * {@return the name of the database}
	 */
	public String name() {
		return this.name;
	}

	/**
	 * {@return the URL of the database, without credentials and parameters}
	 */
	public String jdbcUrl() {
		return this.server.jdbcUrl(this.name);
	}

	/**
	 * {@return the user, who owns the database}
	 */
	public String username() {
		return this.server.user().name();
	}

	/**
	 * {@return the password of the user}
	 */
	public String password() {
		return this.server.user().password();
	}

	/**
	 * A data source without a pool for {@link #username()}.
	 * @return a new data source, which the caller may change
	 */
	public PGSimpleDataSource dataSource() {
		return this.server.dataSource(this.name, this.server.user());
	}

	/**
	 * Opens an unpooled connection for {@link #username()}.
	 * @return a connection that belongs to the caller
	 * @throws SQLException if the server does not let it in
	 */
	public Connection connect() throws SQLException {
		return dataSource().getConnection();
	}

	/**
	 * Opens an unpooled superuser connection.
	 * @return a connection that belongs to the caller
	 * @throws SQLException if the server does not let it in within ten seconds
	 */
	public Connection connectAsAdmin() throws SQLException {
		return this.server.connectAsAdmin(this.name);
	}

	/**
	 * What an application needs to use the database.
	 * @return {@code spring.datasource.url=…} and so on, for example for an
	 * {@code ApplicationContextRunner}
	 */
	public String[] springProperties() {
		return new String[] { "spring.datasource.url=" + jdbcUrl(), "spring.datasource.username=" + username(),
				"spring.datasource.password=" + password() };
	}

	/**
	 * Ends all client sessions in this database with {@code pg_terminate_backend}
	 * (SQLState 57P01) and waits up to 15 s for the end of each.
	 * @return how many have ended
	 */
	public int terminateBackends() {
		return this.server.terminate("datname = ?", this.name);
	}

	/**
	 * Drops the database and ends the sessions that are still there. Not needed for the
	 * sake of order: the server ends with the JVM.
	 */
	@Override
	public void close() {
		this.server.dropDatabase(this.name);
	}

	@Override
	public String toString() {
		return jdbcUrl();
	}

}
