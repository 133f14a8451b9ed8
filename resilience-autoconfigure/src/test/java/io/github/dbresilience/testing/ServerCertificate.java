// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.testing;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.Base64;
import java.util.List;

/**
 * A self-signed certificate for "localhost" and its key, made by the keytool of the
 * running JDK and written in the form that PostgreSQL reads.
 */
final class ServerCertificate {

	private static final String ALIAS = "server";

	private static final String PASSWORD = "changeit";

	private ServerCertificate() {
	}

	/**
	 * Writes a new certificate.
	 * @param certificate where the certificate goes, which is its own root certificate
	 * @param key where the key goes; PostgreSQL takes it only if nobody else can read it
	 * @param account who owns the key
	 * @throws IOException if that fails
	 */
	static void write(Path certificate, Path key, ServerAccount account) throws IOException {
		Path file = certificate.resolveSibling("server.p12");
		Command.run(List.of(Path.of(System.getProperty("java.home"), "bin", "keytool").toString(), "-genkeypair",
				"-alias", ALIAS, "-keyalg", "EC", "-groupname", "secp256r1", "-dname", "CN=localhost", "-ext",
				"san=dns:localhost,ip:127.0.0.1,ip:::1", "-ext", "bc:critical=ca:true", "-startdate", "-1d",
				"-validity", "3650", "-storetype", "PKCS12", "-keystore", file.toString(), "-storepass", PASSWORD));
		try (InputStream in = Files.newInputStream(file)) {
			KeyStore store = KeyStore.getInstance("PKCS12");
			store.load(in, PASSWORD.toCharArray());
			Files.writeString(certificate, pem("CERTIFICATE", store.getCertificate(ALIAS).getEncoded()));
			Files.createFile(key, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
			Files.writeString(key, pem("PRIVATE KEY", store.getKey(ALIAS, PASSWORD.toCharArray()).getEncoded()));
			account.own(key);
		}
		catch (GeneralSecurityException ex) {
			throw new IllegalStateException("Cannot read the key that keytool made", ex);
		}
		finally {
			Files.delete(file);
		}
	}

	private static String pem(String type, byte[] content) {
		String base64 = Base64.getMimeEncoder(64, "\n".getBytes(StandardCharsets.US_ASCII)).encodeToString(content);
		return "-----BEGIN " + type + "-----\n" + base64 + "\n-----END " + type + "-----\n";
	}

}
