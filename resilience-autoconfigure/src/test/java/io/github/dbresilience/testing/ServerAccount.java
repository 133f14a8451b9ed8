// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The account that PostgreSQL runs under. PostgreSQL refuses root, so for root it is an
 * unprivileged one, entered with {@code setpriv} (of util-linux, which every Debian has):
 * unlike {@code su} and {@code runuser} it does not leave a process in between, and
 * unlike {@code unshare} it needs no user namespaces.
 */
enum ServerAccount {

	/** The account of this JVM. */
	OWN {

		@Override
		List<String> command(List<String> command) {
			return command;
		}

		@Override
		void own(Path path) {
		}

	},

	/** The account "nobody", for a JVM that runs as root. */
	NOBODY {

		@Override
		List<String> command(List<String> command) {
			List<String> prefixed = new ArrayList<>(
					List.of("setpriv", "--reuid=" + NOBODY_ID, "--regid=" + NOBODY_ID, "--clear-groups", "--"));
			prefixed.addAll(command);
			return prefixed;
		}

		@Override
		void own(Path path) {
			try {
				Files.setAttribute(path, "unix:uid", NOBODY_ID);
				Files.setAttribute(path, "unix:gid", NOBODY_ID);
			}
			catch (IOException ex) {
				throw new UncheckedIOException(ex);
			}
		}

	};

	/** What Linux calls the overflow id; "nobody" on Debian, Red Hat and Alpine. */
	private static final int NOBODY_ID = 65534;

	/**
	 * Finds the account that PostgreSQL can run under, and gives it a directory.
	 * @param directory a directory that this JVM has made
	 * @return the account
	 * @throws IllegalStateException if this is root and cannot become somebody else
	 */
	static ServerAccount forOwnerOf(Path directory) {
		try {
			if (!Files.getAttribute(directory, "unix:uid").equals(0)) {
				return OWN;
			}
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		NOBODY.own(directory);
		NOBODY.check(directory);
		return NOBODY;
	}

	private void check(Path directory) {
		try {
			Command.run(command(List.of("test", "-x", directory.toString())));
		}
		catch (IllegalStateException ex) {
			throw new IllegalStateException("PostgreSQL does not run as root, and user " + NOBODY_ID
					+ " could not be used instead: that needs setpriv (of util-linux), the capabilities CAP_SETUID and "
					+ "CAP_CHOWN, and a java.io.tmpdir that everybody may enter (" + directory
					+ " cannot be entered). Run the tests as an ordinary user", ex);
		}
	}

	/**
	 * Makes a command run under this account.
	 * @param command the program and its arguments
	 * @return the command to start; it becomes the program, without a process in between
	 */
	abstract List<String> command(List<String> command);

	/**
	 * Gives a file or directory to this account.
	 * @param path the file or directory
	 */
	abstract void own(Path path);

}
