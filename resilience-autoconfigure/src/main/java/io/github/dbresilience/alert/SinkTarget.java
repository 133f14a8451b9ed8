// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.alert;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

import org.jspecify.annotations.Nullable;

/**
 * Where a sink posts to. Nothing of it is shown but the name of the sink and the host.
 *
 * @param sink the name of the sink
 * @param uri the address
 * @param headers what is sent with every request
 * @param hidden what is taken out of answers that are shown
 */
record SinkTarget(String sink, URI uri, Map<String, Secret> headers, List<Secret> hidden) {

	private static final int LARGEST_PORT = 65_535;

	private static final int LONGEST_PLAIN_PATH = 8;

	private static final Set<String> LOOPBACK = Set.of("localhost", "127.0.0.1", "[::1]", "::1");

	/**
	 * Reads an address.
	 * @param sink the name of the sink
	 * @param property the property that it is from, for errors
	 * @param url the address
	 * @param plain whether it may be without TLS
	 * @return the target
	 * @throws InvalidAlertSettingException if it cannot be used; the value is not shown
	 */
	static SinkTarget of(String sink, String property, Secret url, PlainHttp plain) {
		URI uri;
		try {
			uri = new URI(url.reveal());
		}
		catch (URISyntaxException ex) {
			throw refuse(property, "is not a URL (its value is not shown, as it may contain a secret)");
		}
		String scheme = (uri.getScheme() != null) ? uri.getScheme().toLowerCase(Locale.ROOT) : "";
		if (uri.getHost() == null || uri.getPort() > LARGEST_PORT
				|| !(scheme.equals("https") || scheme.equals("http"))) {
			throw refuse(property,
					"is not a URL that begins with https:// and has a host and, if any, a port below 65536"
							+ " (its value is not shown, as it may contain a secret)");
		}
		if (uri.getUserInfo() != null) {
			throw refuse(property,
					"has a user or password in the URL. Send them as a header, or use a bearer token, where the "
							+ "sink has one");
		}
		if (scheme.equals("http") && !isLoopback(uri.getHost()) && plain.property() == null) {
			throw refuse(property,
					"is http:// to another host: what is sent contains a secret and names of your servers,"
							+ " and everybody on the way could read it. Use https://");
		}
		if (scheme.equals("http") && !isLoopback(uri.getHost()) && !plain.allowed()) {
			throw refuse(property,
					"is http:// to another host: everybody on the way could read and forge alerts, and tokens with "
							+ "them. Use https://, or set " + plain.property() + "=true where that network is trusted");
		}
		return new SinkTarget(sink, uri, Map.of(), List.of(url)).hidingPath();
	}

	private static boolean isLoopback(String host) {
		return LOOPBACK.contains(host.toLowerCase(Locale.ROOT));
	}

	private static InvalidAlertSettingException refuse(String property, String problem) {
		return new InvalidAlertSettingException(property, problem);
	}

	/**
	 * Adds headers.
	 * @param property the property that the headers are from, for errors
	 */
	SinkTarget with(String property, Map<String, Secret> more, @Nullable Secret bearerToken) {
		Map<String, Secret> all = new LinkedHashMap<>();
		List<Secret> secrets = new ArrayList<>(this.hidden);
		more.forEach((name, value) -> {
			if (!name.matches("[A-Za-z0-9!#$%&'*+.^_`|~-]+") || hasControl(value)) {
				throw refuse(property + "." + name.replaceAll("\\p{Cntrl}", "?"),
						"is not a header that HTTP allows: letters, digits and hyphens in its name, one line as its "
								+ "value");
			}
			if (Set.of("host", "content-length", "connection", "expect", "upgrade")
				.contains(name.toLowerCase(Locale.ROOT))) {
				throw refuse(property + "." + name, "is a header that belongs to the HTTP client. Remove it");
			}
			all.put(name, value);
			secrets.add(value);
		});
		if (bearerToken != null && !bearerToken.empty()) {
			if (hasControl(bearerToken)) {
				throw refuse(property.replaceFirst("[^.]*$", "bearer-token"),
						"is more than one line. Set the token alone");
			}
			all.put("Authorization", Secret.valueOf("Bearer " + bearerToken.reveal()));
			secrets.add(bearerToken);
		}
		return new SinkTarget(this.sink, this.uri, all, secrets);
	}

	private static boolean hasControl(Secret secret) {
		return secret.reveal().chars().anyMatch((c) -> c < 0x20 || c >= 0x7f);
	}

	/** An answer may repeat the path alone. */
	private SinkTarget hidingPath() {
		String path = this.uri.getRawPath();
		return (path != null && path.length() > LONGEST_PLAIN_PATH) ? hiding(Secret.valueOf(path)) : this;
	}

	/** The same target, which shows this neither. */
	SinkTarget hiding(Secret secret) {
		List<Secret> all = new ArrayList<>(this.hidden);
		all.add(secret);
		return new SinkTarget(this.sink, this.uri, this.headers, all);
	}

	/** The same target with a longer path. */
	SinkTarget below(String path) {
		String base = this.uri.toString();
		URI longer = URI.create((base.endsWith("/") ? base.substring(0, base.length() - 1) : base) + path);
		return new SinkTarget(this.sink, longer, this.headers, this.hidden);
	}

	/** Takes everything secret out of a text that a server has sent. */
	String redact(String text) {
		String clean = text;
		for (Secret secret : this.hidden) {
			clean = secret.redact(clean);
		}
		return clean;
	}

	/**
	 * {@return the sink and the host}
	 */
	@Override
	public String toString() {
		return this.sink + " at " + this.uri.getHost();
	}

	/**
	 * Whether TLS may be left out on the way to another host.
	 *
	 * @param allowed whether the user allows it
	 * @param property where the user can, {@code null} if never
	 */
	record PlainHttp(boolean allowed, @Nullable String property) {

		static final PlainHttp NEVER = new PlainHttp(false, null);

	}

}
