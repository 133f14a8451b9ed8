// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.alert;

import java.time.Duration;
import java.util.List;
import java.util.Map;

import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Who is told of alerts.
 *
 * @param enabled Whether thresholds are watched and alerts are told.
 * @param instance What tells this instance of the application from others, as a label and
 * in the fingerprint.
 * @param queueCapacity How many events wait for one listener before the oldest is
 * dropped.
 * @param log Alerts in the application's log.
 * @param alertmanager Alerts to Prometheus Alertmanager, API version 2.
 * @param webhook Alerts as JSON to any HTTP server.
 * @param pagerduty Alerts to PagerDuty, Events API version 2.
 * @param slack Alerts to a channel of Slack, by an incoming webhook.
 * @param http How sinks that use HTTP wait and try again.
 */
public record AlertSettings(@DefaultValue("true") boolean enabled, @Nullable String instance,
		@DefaultValue("100") int queueCapacity, @DefaultValue Log log, @DefaultValue Alertmanager alertmanager,
		@DefaultValue Webhook webhook, @DefaultValue Pagerduty pagerduty, @DefaultValue Slack slack,
		@DefaultValue Http http) {

	/**
	 * Alerts in the application's log.
	 *
	 * @param enabled Whether alerts are logged: as ERROR or WARN while they are the
	 * matter, as INFO when they are over.
	 * @param minimumSeverity What is less severe is not logged.
	 */
	public record Log(@DefaultValue("true") boolean enabled, @DefaultValue("warning") AlertSeverity minimumSeverity) {

	}

	/**
	 * Alerts to Prometheus Alertmanager.
	 *
	 * @param urls Addresses of all members of the cluster, up to /api/v2. None switches
	 * it off.
	 * @param bearerToken Token for the header Authorization.
	 * @param headers Headers that are sent in addition.
	 * @param allowHttp Whether a server that is not on this host may be told without TLS.
	 * @param minimumSeverity What is less severe is not sent.
	 */
	public record Alertmanager(@DefaultValue List<Secret> urls, @Nullable Secret bearerToken,
			@DefaultValue Map<String, Secret> headers, @DefaultValue("false") boolean allowHttp,
			@DefaultValue("warning") AlertSeverity minimumSeverity) {

	}

	/**
	 * Alerts as JSON to any HTTP server.
	 *
	 * @param url Where the events are posted to. None switches it off.
	 * @param bearerToken Token for the header Authorization.
	 * @param headers Headers that are sent in addition.
	 * @param allowHttp Whether a server that is not on this host may be told without TLS.
	 * @param minimumSeverity What is less severe is not sent.
	 */
	public record Webhook(@Nullable Secret url, @Nullable Secret bearerToken, @DefaultValue Map<String, Secret> headers,
			@DefaultValue("false") boolean allowHttp, @DefaultValue("warning") AlertSeverity minimumSeverity) {

	}

	/**
	 * Alerts to PagerDuty.
	 *
	 * @param routingKey Integration key of the service, 32 characters. None switches it
	 * off.
	 * @param url Where the events are posted to.
	 * @param minimumSeverity What is less severe is not sent.
	 */
	public record Pagerduty(@Nullable Secret routingKey,
			@DefaultValue("https://events.pagerduty.com/v2/enqueue") String url,
			@DefaultValue("critical") AlertSeverity minimumSeverity) {

	}

	/**
	 * Alerts to a channel of Slack.
	 *
	 * @param url The incoming webhook, which is a secret. None switches it off.
	 * @param minimumSeverity What is less severe is not sent.
	 */
	public record Slack(@Nullable Secret url, @DefaultValue("warning") AlertSeverity minimumSeverity) {

	}

	/**
	 * How sinks that use HTTP wait and try again.
	 *
	 * @param connectTimeout How long a connection may take to open.
	 * @param requestTimeout How long one attempt may take in all.
	 * @param maxAttempts Attempts at one delivery, the first one included.
	 * @param maxDuration How long all attempts at one delivery may take, waits included.
	 */
	public record Http(@DefaultValue("2s") Duration connectTimeout, @DefaultValue("5s") Duration requestTimeout,
			@DefaultValue("5") int maxAttempts, @DefaultValue("60s") Duration maxDuration) {

	}

}
