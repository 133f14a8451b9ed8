// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.topology;

/**
 * Where a server is, as the JDBC URL names it.
 *
 * @param host a name or an address; an IPv6 address without brackets
 * @param port its TCP port
 */
public record ServerAddress(String host, int port) {

	/**
	 * The address as a URL has it.
	 * @return for example {@code db1.example.org:5432} or {@code [::1]:5432}
	 */
	@Override
	public String toString() {
		return (this.host.contains(":") ? "[" + this.host + "]" : this.host) + ":" + this.port;
	}

}
