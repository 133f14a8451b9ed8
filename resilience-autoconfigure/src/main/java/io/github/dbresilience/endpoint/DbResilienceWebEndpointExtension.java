// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.endpoint;

import java.util.Map;

import org.jspecify.annotations.Nullable;

import org.springframework.boot.actuate.endpoint.InvalidEndpointRequestException;
import org.springframework.boot.actuate.endpoint.annotation.Selector;
import org.springframework.boot.actuate.endpoint.annotation.WriteOperation;
import org.springframework.boot.actuate.endpoint.web.WebEndpointResponse;
import org.springframework.boot.actuate.endpoint.web.annotation.EndpointWebExtension;

/**
 * Tells over HTTP why a request is refused: Spring Boot's own error page keeps the reason
 * to itself. Thread-safe.
 */
@EndpointWebExtension(endpoint = DbResilienceEndpoint.class)
public class DbResilienceWebEndpointExtension {

	private final DbResilienceEndpoint delegate;

	/**
	 * Creates the extension.
	 * @param delegate the endpoint
	 */
	public DbResilienceWebEndpointExtension(DbResilienceEndpoint delegate) {
		this.delegate = delegate;
	}

	/**
	 * Does what the endpoint does.
	 * @param dataSource the bean name of the data source
	 * @param mode see the endpoint
	 * @param state see the endpoint
	 * @param action see the endpoint
	 * @return the new state, or 400 and why the request is refused
	 */
	@WriteOperation
	public WebEndpointResponse<Object> control(@Selector String dataSource, @Nullable String mode,
			@Nullable String state, @Nullable String action) {
		try {
			return new WebEndpointResponse<>(this.delegate.control(dataSource, mode, state, action));
		}
		catch (InvalidEndpointRequestException ex) {
			return new WebEndpointResponse<>(Map.of("error", ex.getReason()), WebEndpointResponse.STATUS_BAD_REQUEST);
		}
	}

}
