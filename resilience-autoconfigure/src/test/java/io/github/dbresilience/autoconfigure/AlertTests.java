// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.autoconfigure;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

import io.github.dbresilience.alert.AlertEvent;
import io.github.dbresilience.alert.AlertEvent.Status;
import io.github.dbresilience.alert.AlertListener;
import io.github.dbresilience.alert.AlertSeverity;
import io.github.dbresilience.alert.Alerts;
import io.github.dbresilience.alert.ListenerStatistics;
import io.github.dbresilience.monitor.HealthMonitor;
import io.github.dbresilience.monitor.MonitorEvent;
import io.github.dbresilience.testing.PostgresServer;
import io.github.dbresilience.threshold.ThresholdEngine;
import io.github.dbresilience.threshold.ThresholdWatch;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.micrometer.metrics.autoconfigure.MetricsAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.event.EventListener;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Alerts of an application whose real server is killed and started.
 */
@ExtendWith(OutputCaptureExtension.class)
class AlertTests {

	private static PostgresServer server;

	private final ApplicationContextRunner runner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(DataSourceAutoConfiguration.class, DbResilienceAutoConfiguration.class,
				DbResilienceAlertAutoConfiguration.class))
		.withPropertyValues("spring.application.name=shop", "db.resilience.alerts.instance=one",
				"db.resilience.health.thresholds.database-unreachable.for=1s",
				"db.resilience.health.thresholds.database-unreachable.resolve-after=1s");

	@BeforeAll
	static void start() {
		server = PostgresServer.create();
	}

	@AfterAll
	static void stop() {
		server.close();
	}

	private ApplicationContextRunner runner() {
		return this.runner.withPropertyValues("spring.datasource.url=" + server.jdbcUrl(),
				"spring.datasource.username=" + server.username(), "spring.datasource.password=" + server.password());
	}

	@Test
	void aServerThatIsKilledIsToldToEverybodyAndSoIsItsReturn(CapturedOutput output) {
		runner().withUserConfiguration(Listening.class).run((context) -> {
			Listening listening = context.getBean(Listening.class);
			awaitProbe(context);
			server.killPostmasterAndBackends();
			Awaitility.await().until(() -> listening.told.size() == 1 && listening.events.size() == 1);
			AlertEvent firing = listening.told.get(0);
			assertThat(firing.name()).isEqualTo("database-unreachable");
			assertThat(firing.dataSource()).isEqualTo("dataSource");
			assertThat(firing.severity()).isEqualTo(AlertSeverity.CRITICAL);
			assertThat(firing.labels()).containsEntry("application", "shop").containsEntry("instance", "one");
			assertThat(context.getBean(Alerts.class).active()).containsExactly(firing);
			assertThat(listening.events).containsExactly(firing);
			server.start();
			Awaitility.await().until(() -> listening.told.size() == 2 && listening.events.size() == 2);
			assertThat(listening.told.get(1).status()).isEqualTo(Status.RESOLVED);
			assertThat(listening.told.get(1).fingerprint()).isEqualTo(firing.fingerprint());
			assertThat(context.getBean(Alerts.class).active()).isEmpty();
			assertThat(context.getBean(HealthMonitor.class).events().newestFirst())
				.filteredOn((event) -> event.kind() == MonitorEvent.Kind.ALERT)
				.hasSize(2);
			assertThat(context.getBean(Alerts.class).statistics()).extracting(ListenerStatistics::listener)
				.containsExactly("log", "spring-events", "recycling", "throwing", "telling");
		});
		assertThat(output).contains("dataSource - alert database-unreachable, critical: The database does not serve")
			.contains("dataSource - alert database-unreachable is over");
	}

	@Test
	void anApplicationThatStopsDuringAnOutageResolvesNothing() {
		List<AlertEvent> told = new CopyOnWriteArrayList<>();
		runner().withBean("listener", AlertListener.class, () -> told::add).run((context) -> {
			awaitProbe(context);
			server.killPostmasterAndBackends();
			Awaitility.await().until(() -> told.size() == 1);
		});
		server.start();
		assertThat(told).hasSize(1).allMatch((event) -> event.status() == Status.FIRING);
		assertThat(Thread.getAllStackTraces().keySet()).extracting(Thread::getName)
			.noneMatch((name) -> name.startsWith("db-resilience-thresholds"));
	}

	@Test
	void aHealthyStartTellsNobody() {
		List<AlertEvent> told = new CopyOnWriteArrayList<>();
		runner().withBean("listener", AlertListener.class, () -> told::add).run((context) -> {
			awaitProbe(context);
			assertThat(context.getBean(ThresholdWatch.class).isRunning()).isTrue();
		});
		assertThat(told).isEmpty();
	}

	@Test
	void everyBeanBacksOff() {
		Alerts own = new Alerts(1);
		runner().withBean("ownAlerts", Alerts.class, () -> own).run((context) -> {
			assertThat(context).getBean(Alerts.class).isSameAs(own);
			assertThat(own.statistics()).isEmpty();
		});
		runner().withPropertyValues("db.resilience.alerts.enabled=false")
			.run((context) -> assertThat(context).hasNotFailed()
				.doesNotHaveBean(Alerts.class)
				.doesNotHaveBean(ThresholdEngine.class)
				.doesNotHaveBean(ThresholdWatch.class));
		runner().withPropertyValues("db.resilience.enabled=false")
			.run((context) -> assertThat(context).hasNotFailed().doesNotHaveBean(Alerts.class));
		runner().withPropertyValues("db.resilience.alerts.log.enabled=false")
			.run((context) -> assertThat(context.getBean(Alerts.class).statistics())
				.extracting(ListenerStatistics::listener)
				.containsExactly("spring-events", "recycling"));
	}

	@Test
	void whatBecameOfAlertsIsCountedAndRegisteredOnce(CapturedOutput output) {
		runner()
			.withConfiguration(
					AutoConfigurations.of(MetricsAutoConfiguration.class, DbResilienceMetricsAutoConfiguration.class))
			.withBean(MeterRegistry.class, SimpleMeterRegistry::new)
			.run((context) -> assertThat(context.getBean(MeterRegistry.class)
				.find("db.resilience.alert.events")
				.tag("outcome", "delivered")
				.functionCounters()).extracting((counter) -> counter.getId().getTag("listener"))
				.containsExactlyInAnyOrder("log", "spring-events", "recycling"));
		assertThat(output).doesNotContain("already registered");
	}

	@Test
	void aListenerMayNeedTheAlerts() {
		runner().withUserConfiguration(NeedsAlerts.class)
			.run((context) -> assertThat(context.getBean(Alerts.class).statistics())
				.extracting(ListenerStatistics::listener)
				.contains("needy"));
	}

	private static void awaitProbe(ApplicationContext context) {
		Awaitility.await()
			.until(() -> context.getBean(HealthMonitor.class)
				.all()
				.stream()
				.allMatch((monitor) -> monitor.snapshot().state().isServing()));
	}

	@Configuration(proxyBeanMethods = false)
	static class Listening {

		private final List<AlertEvent> told = new CopyOnWriteArrayList<>();

		private final List<AlertEvent> events = new CopyOnWriteArrayList<>();

		@Bean
		AlertListener throwing() {
			return (event) -> {
				throw new IllegalStateException("broken");
			};
		}

		@Bean
		AlertListener telling() {
			return this.told::add;
		}

		@EventListener
		void on(AlertEvent event) {
			this.events.add(event);
			throw new IllegalStateException("broken too");
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class NeedsAlerts {

		@Bean
		AlertListener needy(Alerts alerts) {
			return (event) -> alerts.active();
		}

	}

}
