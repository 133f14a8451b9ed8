// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.datasource;

import org.jspecify.annotations.Nullable;

/**
 * What is asked of a server that is neither on this host nor behind a Unix socket. The
 * names and meanings are those of the PostgreSQL driver's {@code sslmode}.
 */
public enum TlsMode {

	/** Encrypted, without a check of who the server is. */
	REQUIRE("require"),

	/** Encrypted, with a certificate of a known authority. */
	VERIFY_CA("verify-ca"),

	/** Encrypted, with a certificate of a known authority for that host name. */
	VERIFY_FULL("verify-full"),

	/** The driver's own default: encrypted if the server wants it. */
	OFF(null);

	private final @Nullable String sslmode;

	TlsMode(@Nullable String sslmode) {
		this.sslmode = sslmode;
	}

	/**
	 * The driver's property.
	 * @return the value of {@code sslmode}, {@code null} to leave it alone
	 */
	public @Nullable String sslmode() {
		return this.sslmode;
	}

}
