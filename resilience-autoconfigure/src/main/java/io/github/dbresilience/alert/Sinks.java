// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.alert;

import java.time.Clock;
import java.util.List;

import io.github.dbresilience.alert.SinkTarget.PlainHttp;

/**
 * Makes the sinks that are configured.
 */
public final class Sinks {

	private static final String PREFIX = "db.resilience.alerts.";

	private final AlertSettings settings;

	private final SinkHttp http;

	private Sinks(AlertSettings settings) {
		this.settings = settings;
		this.http = new SinkHttp(settings.http());
	}

	/**
	 * Adds every configured sink.
	 * @param settings what is configured
	 * @param alerts what they listen to
	 * @throws InvalidAlertSettingException if a setting cannot be used
	 */
	public static void addTo(Alerts alerts, AlertSettings settings) {
		Sinks sinks = new Sinks(settings);
		if (settings.log().enabled()) {
			add(alerts, "log", new LogSink(), settings.log().minimumSeverity());
		}
		sinks.alertmanager(alerts);
		sinks.webhook(alerts);
		sinks.pagerDuty(alerts);
		sinks.slack(alerts);
	}

	private static void add(Alerts alerts, String name, Sink sink, AlertSeverity least) {
		alerts.add(name, new MinimumSeverity(sink, least, Clock.systemUTC()));
	}

	/** Each member of the cluster has a queue of its own: a dead one holds nobody up. */
	private void alertmanager(Alerts alerts) {
		AlertSettings.Alertmanager own = this.settings.alertmanager();
		List<Secret> urls = own.urls().stream().filter((url) -> !url.empty()).toList();
		for (int i = 0; i < urls.size(); i++) {
			String name = (urls.size() == 1) ? "alertmanager" : "alertmanager-" + (i + 1);
			SinkTarget target = SinkTarget
				.of(name, PREFIX + "alertmanager.urls[" + i + "]", urls.get(i),
						new PlainHttp(own.allowHttp(), PREFIX + "alertmanager.allow-http"))
				.below("/api/v2/alerts")
				.with(PREFIX + "alertmanager.headers", own.headers(), own.bearerToken());
			add(alerts, name, new AlertmanagerSink(this.http, target), own.minimumSeverity());
		}
	}

	private void webhook(Alerts alerts) {
		AlertSettings.Webhook own = this.settings.webhook();
		if (own.url() != null && !own.url().empty()) {
			SinkTarget target = SinkTarget
				.of("webhook", PREFIX + "webhook.url", own.url(),
						new PlainHttp(own.allowHttp(), PREFIX + "webhook.allow-http"))
				.with(PREFIX + "webhook.headers", own.headers(), own.bearerToken());
			add(alerts, "webhook", new WebhookSink(this.http, target), own.minimumSeverity());
		}
	}

	private void pagerDuty(Alerts alerts) {
		AlertSettings.Pagerduty own = this.settings.pagerduty();
		Secret key = own.routingKey();
		if (key != null && !key.empty()) {
			if (!key.reveal().matches("[A-Za-z0-9]{32}")) {
				throw new InvalidAlertSettingException(PREFIX + "pagerduty.routing-key",
						"is not the integration key of a service: 32 letters and digits, from an integration of the "
								+ "type Events API v2 (its value is not shown)");
			}
			SinkTarget target = SinkTarget
				.of("pagerduty", PREFIX + "pagerduty.url", Secret.valueOf(own.url()), PlainHttp.NEVER)
				.hiding(key);
			add(alerts, "pagerduty", new PagerDutySink(this.http, target, key), own.minimumSeverity());
		}
	}

	private void slack(Alerts alerts) {
		AlertSettings.Slack own = this.settings.slack();
		if (own.url() != null && !own.url().empty()) {
			SinkTarget target = SinkTarget.of("slack", PREFIX + "slack.url", own.url(), PlainHttp.NEVER);
			add(alerts, "slack", new SlackSink(this.http, target), own.minimumSeverity());
		}
	}

}
