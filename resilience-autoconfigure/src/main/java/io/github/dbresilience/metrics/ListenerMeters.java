// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.metrics;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;

import io.github.dbresilience.alert.ListenerStatistics;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.MeterBinder;

import org.springframework.context.ApplicationListener;
import org.springframework.context.event.ContextRefreshedEvent;

/**
 * What became of alerts on the way to those who listen. The listeners are as many as the
 * application has, and are all known when its context is refreshed. Thread-safe.
 */
public final class ListenerMeters implements MeterBinder, ApplicationListener<ContextRefreshedEvent> {

	private static final String NAME = "db.resilience.alert.events";

	private final Supplier<List<ListenerStatistics>> statistics;

	private final List<MeterRegistry> registries = new CopyOnWriteArrayList<>();

	/**
	 * Creates the binder.
	 * @param statistics read at each scrape
	 */
	public ListenerMeters(Supplier<List<ListenerStatistics>> statistics) {
		this.statistics = statistics;
	}

	@Override
	public void bindTo(MeterRegistry registry) {
		this.registries.add(registry);
		bind(registry);
	}

	@Override
	public void onApplicationEvent(ContextRefreshedEvent event) {
		this.registries.forEach(this::bind);
	}

	/** A registry warns of a meter that it has already. */
	private void bind(MeterRegistry registry) {
		this.statistics.get().forEach((one) -> {
			counter(registry, one.listener(), "delivered", ListenerStatistics::delivered);
			counter(registry, one.listener(), "failed", ListenerStatistics::failed);
			counter(registry, one.listener(), "dropped", ListenerStatistics::dropped);
		});
	}

	private void counter(MeterRegistry registry, String listener, String outcome,
			ToLongFunction<ListenerStatistics> count) {
		Tags tags = Tags.of("listener", listener, "outcome", outcome);
		if (registry.find(NAME).tags(tags).functionCounter() != null) {
			return;
		}
		FunctionCounter
			.builder(NAME, this,
					(binder) -> binder.statistics.get()
						.stream()
						.filter((one) -> one.listener().equals(listener))
						.mapToLong(count)
						.sum())
			.description("Events for the listeners of alerts, by what became of them")
			.tags(tags)
			.register(registry);
	}

}
