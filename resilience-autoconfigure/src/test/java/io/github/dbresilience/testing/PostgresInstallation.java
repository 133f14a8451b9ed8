// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;

import org.springframework.util.function.SingletonSupplier;

/**
 * What all servers of this JVM share: the programs, the account that they run under, and
 * a data directory that was initialised once and is copied for each server.
 */
final class PostgresInstallation {

	static final String ADMIN = "postgres";

	static final String USER = "app";

	private static final SingletonSupplier<PostgresInstallation> SHARED = SingletonSupplier
		.of(PostgresInstallation::new);

	private final Path programs = PostgresBinaries.unpack();

	private final String adminPassword = UUID.randomUUID().toString();

	private final String password = UUID.randomUUID().toString();

	private final ServerAccount account;

	private final Path template;

	private final FileTime templateTime;

	/** Kept because the directory is removed with it. */
	@SuppressWarnings("unused")
	private final Guard guard;

	private PostgresInstallation() {
		try {
			Path directory = Files.createTempDirectory("db-resilience-template-");
			this.guard = Guard.start(directory);
			this.account = ServerAccount.forOwnerOf(directory);
			this.template = directory.resolve("data");
			initialize(directory.resolve("password"));
			this.templateTime = FileTime.from(Instant.now());
		}
		catch (IOException ex) {
			throw new UncheckedIOException("Cannot initialise a PostgreSQL data directory", ex);
		}
	}

	static PostgresInstallation shared() {
		return SHARED.obtain();
	}

	private void initialize(Path passwordFile) throws IOException {
		Files.writeString(passwordFile, this.adminPassword);
		this.account.own(passwordFile);
		Command.run(this.account.command(List.of(program("initdb"), "--pgdata=" + this.template, "--username=" + ADMIN,
				"--auth=scram-sha-256", "--pwfile=" + passwordFile, "--encoding=UTF8", "--locale=C", "--no-sync")));
		Command.run(
				this.account.command(List.of(program("postgres"), "--single", "-D", this.template.toString(), ADMIN)),
				"create role %1$s login password '%2$s'\ncreate database %1$s owner %1$s\n".formatted(USER,
						this.password));
		Files.delete(passwordFile);
	}

	/**
	 * Makes a data directory.
	 * @param target where; does not exist
	 * @throws IOException if that fails
	 */
	void copyTemplate(Path target) throws IOException {
		try (Stream<Path> sources = Files.walk(this.template)) {
			for (Path source : (Iterable<Path>) sources::iterator) {
				Path copy = target.resolve(this.template.relativize(source));
				Files.copy(source, copy, StandardCopyOption.COPY_ATTRIBUTES);
			}
		}
		SystemIdentifier.renew(target);
	}

	/**
	 * {@return when the template was complete: what is older in a copy of it is as it was
	 * there}
	 */
	FileTime templateTime() {
		return this.templateTime;
	}

	String program(String name) {
		return this.programs.resolve("bin").resolve(name).toString();
	}

	ServerAccount account() {
		return this.account;
	}

	String adminPassword() {
		return this.adminPassword;
	}

	String password() {
		return this.password;
	}

}
