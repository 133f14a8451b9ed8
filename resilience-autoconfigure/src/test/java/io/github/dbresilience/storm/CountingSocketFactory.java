// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.storm;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

import javax.net.SocketFactory;

/**
 * Counts on the client's side of the wire, where also a connection is seen that is
 * refused and a statement that is swallowed, and tells by the application name whose they
 * are. The driver makes it: property {@code socketFactory}. Thread-safe.
 */
public final class CountingSocketFactory extends SocketFactory {

	private static final Map<String, Counts> countsByApplication = new ConcurrentHashMap<>();

	private final Counts counts;

	public CountingSocketFactory(Properties info) {
		this.counts = counts(info.getProperty("ApplicationName", ""));
	}

	static Sent sentBy(String applicationName) {
		Counts counts = counts(applicationName);
		return new Sent(counts.connects.sum(), counts.statements.sum());
	}

	private static Counts counts(String applicationName) {
		return countsByApplication.computeIfAbsent(applicationName, (name) -> new Counts());
	}

	@Override
	public Socket createSocket() {
		return new CountingSocket(this.counts);
	}

	@Override
	public Socket createSocket(String host, int port) {
		throw new UnsupportedOperationException();
	}

	@Override
	public Socket createSocket(String host, int port, InetAddress localHost, int localPort) {
		throw new UnsupportedOperationException();
	}

	@Override
	public Socket createSocket(InetAddress host, int port) {
		throw new UnsupportedOperationException();
	}

	@Override
	public Socket createSocket(InetAddress address, int port, InetAddress localAddress, int localPort) {
		throw new UnsupportedOperationException();
	}

	private static final class Counts {

		private final LongAdder connects = new LongAdder();

		private final LongAdder statements = new LongAdder();

	}

	private static final class CountingSocket extends Socket {

		private final Counts counts;

		private boolean startedUp;

		CountingSocket(Counts counts) {
			this.counts = counts;
		}

		@Override
		public void connect(SocketAddress endpoint, int timeout) throws IOException {
			this.counts.connects.increment();
			super.connect(endpoint, timeout);
		}

		@Override
		public OutputStream getOutputStream() throws IOException {
			return new FilterOutputStream(super.getOutputStream()) {
				@Override
				public void write(byte[] bytes, int offset, int length) throws IOException {
					count(bytes[offset]);
					this.out.write(bytes, offset, length);
				}
			};
		}

		/**
		 * The first message belongs to the connect, and Terminate asks for nothing.
		 */
		private void count(byte messageType) {
			if (this.startedUp && messageType != 'X') {
				this.counts.statements.increment();
			}
			this.startedUp = true;
		}

	}

}
