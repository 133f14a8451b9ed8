// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.metrics;

import java.lang.ref.WeakReference;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;

import io.github.dbresilience.alert.AlertEvent;
import io.github.dbresilience.alert.AlertSeverity;
import io.github.dbresilience.monitor.DatabaseState;
import io.github.dbresilience.monitor.Snapshot;
import io.github.dbresilience.monitor.Snapshots;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.config.NamingConvention;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What the meters say of a snapshot.
 */
class DataSourceMetersTests {

	private final MeterRegistry registry = new SimpleMeterRegistry();

	private final AtomicReference<Snapshot> snapshot = new AtomicReference<>(Snapshots.full());

	private List<AlertEvent> alerts = List.of();

	private final DataSourceMeters meters = bind(this.registry);

	private DataSourceMeters bind(MeterRegistry target) {
		DataSourceMeters bound = new DataSourceMeters(new Meters(target, Tags.of("data.source", "orders")),
				this.snapshot::get, () -> this.alerts);
		bound.bind();
		return bound;
	}

	@ParameterizedTest
	@CsvSource(textBlock = """
			database.state,             state=up,    1
			database.state,             state=down,  0
			snapshot.age,               ,            3
			probe.up,                   ,            1
			probe.latency,              ,            0.002
			pool.connections,           state=open,  10
			pool.connections,           state=in_use, 7
			pool.wait.longest,          ,            0.25
			alerts.firing,              severity=warning, 0
			backup.status.usable,       ,            1
			backup.status.age,          ,            60
			backup.age,                 kind=logical, 18000
			backup.age,                 kind=full,   NaN
			backup.age,                 kind=drill,  NaN
			backup.failed,              kind=logical, 0
			backup.failed,              kind=full,   1
			backup.failed,              kind=drill,  NaN
			backup.size,                kind=logical, 2000
			backup.size,                kind=full,   NaN
			backup.rpo,                 kind=logical, 0.4
			backup.rto,                 kind=logical, 21
			backup.recoverable.window,  kind=logical, 604800
			backup.recoverable.age,     kind=logical, 18000
			""")
	void aValueIsThatOfTheSnapshot(String name, @Nullable String tag, Double value) {
		assertThat(value(name, tag)).isEqualTo(value);
	}

	@ParameterizedTest
	@CsvSource(textBlock = """
			server.up,                  1,         0
			server.primary,             1,         NaN
			server.timeline,            4,         NaN
			server.ping.latency,        0.002,     NaN
			server.connect.latency,     0.005,     NaN
			server.query.latency,       0.008,     NaN
			server.sample.age,          20,        NaN
			server.sessions,            40,        NaN
			server.sessions.limit,      97,        NaN
			server.transaction.longest, 30,        NaN
			server.idle.in.transaction.longest, NaN, NaN
			server.transaction.id.age,  1000000,   NaN
			replication.standbys,       2,         NaN
			replication.lag,            1048576,   NaN
			replication.delay,          0.5,       NaN
			replication.slot.retained,  2097152,   NaN
			archive.failing,            1,         NaN
			archive.failures,           3,         NaN
			archive.waiting,            7,         NaN
			archive.waiting.age,        120,       NaN
			""")
	void aServerHasValuesOfItsOwn(String name, Double primary, Double standby) {
		assertThat(value(name, "server=db1.example.org:5432")).isEqualTo(primary);
		assertThat(value(name, "server=db2.example.org:5432")).isEqualTo(standby);
	}

	@Test
	void whatIsNotKnownIsNotANumber() {
		this.snapshot.set(Snapshots.unknown());
		assertThat(this.registry.getMeters()).filteredOn((meter) -> meter.getId().getType() == Meter.Type.GAUGE)
			.filteredOn((meter) -> !List.of("db.resilience.database.state", "db.resilience.alerts.firing")
				.contains(meter.getId().getName()))
			.hasSizeGreaterThan(80)
			.allSatisfy((meter) -> assertThat(meter.measure().iterator().next().getValue()).isNaN());
		assertThat(value("database.state", "state=unknown")).isEqualTo(1);
	}

	@Test
	void waitsInVainAreCounted() {
		assertThat(this.registry.get("db.resilience.pool.wait.timed.out").functionCounter().count()).isEqualTo(4);
		this.snapshot.set(Snapshots.unknown());
		assertThat(this.registry.get("db.resilience.pool.wait.timed.out").functionCounter().count()).isZero();
	}

	@Test
	void alertsOfThisDataSourceAreCountedBySeverity() {
		this.alerts = List.of(alert("orders", AlertSeverity.CRITICAL), alert("orders", AlertSeverity.CRITICAL),
				alert("billing", AlertSeverity.WARNING));
		assertThat(value("alerts.firing", "severity=critical")).isEqualTo(2);
		assertThat(value("alerts.firing", "severity=warning")).isZero();
	}

	@Test
	void serversAndBackupsThatAreKnownLaterHaveMetersFromThenOn() {
		this.snapshot.set(Snapshots.unknown());
		MeterRegistry late = new SimpleMeterRegistry();
		DataSourceMeters bound = bind(late);
		assertThat(late.find("db.resilience.server.up").meters()).isEmpty();
		assertThat(late.find("db.resilience.backup.age").meters()).isEmpty();

		this.snapshot.set(Snapshots.full());
		bound.snapshot();
		assertThat(late.find("db.resilience.server.up").meters()).hasSize(2);
		assertThat(late.find("db.resilience.backup.age").meters()).hasSize(7);
	}

	@Test
	void aServerThatIsNotNamedAnyMoreIsNotANumber() {
		this.snapshot.set(Snapshots.in(DatabaseState.UP));
		assertThat(value("server.up", "server=db1.example.org:5432")).isEqualTo(1);
		assertThat(value("server.up", "server=db2.example.org:5432")).isNaN();
	}

	@Test
	void aRegistryDoesNotHoldWhatItsMetersRead() {
		MeterRegistry shared = new SimpleMeterRegistry();
		WeakReference<DataSourceMeters> bound = new WeakReference<>(bind(shared));
		Awaitility.await().until(() -> {
			System.gc();
			return bound.get() == null;
		});
		assertThat(shared.get("db.resilience.probe.up").gauge().value()).isNaN();
	}

	@Test
	void metersLiveAsLongAsTheyAreKept() {
		WeakReference<Object> garbage = new WeakReference<>(new Object());
		Awaitility.await().until(() -> {
			System.gc();
			return garbage.get() == null;
		});
		assertThat(this.meters.snapshot()).isNotNull();
		assertThat(value("probe.up", null)).isEqualTo(1);
		assertThat(value("backup.age", "kind=logical")).isEqualTo(18_000);
		assertThat(value("server.up", "server=db1.example.org:5432")).isEqualTo(1);
	}

	@Test
	void prometheusHasEachMeterUnderItsConventionalName() {
		PrometheusMeterRegistry prometheus = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
		DataSourceMeters bound = bind(prometheus);
		String scrape = prometheus.scrape();
		NamingConvention convention = prometheus.config().namingConvention();
		assertThat(prometheus.getMeters()).hasSameSizeAs(this.registry.getMeters()).allSatisfy((meter) -> {
			Meter.Id id = meter.getId();
			String name = convention.name(id.getName(), id.getType(), id.getBaseUnit());
			String total = (id.getType() == Meter.Type.COUNTER && !name.endsWith("_total")) ? "_total" : "";
			assertThat(scrape).contains("\n" + name + total + "{data_source=\"orders\"");
		});
		assertThat(scrape).contains("db_resilience_replication_lag_bytes{")
			.contains("db_resilience_replication_delay_seconds{")
			.contains("db_resilience_pool_wait_timed_out_total{");
		assertThat(bound.snapshot()).isNotNull();
	}

	private double value(String name, @Nullable String tag) {
		Tags tags = (tag != null) ? Tags.of(tag.split("=")) : Tags.empty();
		return this.registry.get("db.resilience." + name).tags(tags).gauge().value();
	}

	private static AlertEvent alert(String dataSource, AlertSeverity severity) {
		return new AlertEvent("ping-latency", severity, AlertEvent.Status.FIRING, dataSource, "f", "s", Map.of(), null,
				Snapshots.NOW, null);
	}

}
