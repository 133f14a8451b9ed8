// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.endpoint;

import java.time.Duration;
import java.util.Locale;
import java.util.function.Supplier;

import io.github.dbresilience.circuitbreaker.CircuitBreakerMode;
import io.github.dbresilience.circuitbreaker.DataSourceCircuitBreaker;
import io.github.dbresilience.monitor.MonitorControl;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.actuate.endpoint.InvalidEndpointRequestException;

/**
 * What an operator asks for: an action, or a change of the circuit breaker. It is read as
 * a whole before anything is done.
 */
final class ControlRequest {

	/** How long an operator who asks for a probe waits for it. */
	private static final Duration PROBE_WAIT = Duration.ofSeconds(5);

	private static final int LONGEST_ECHO = 60;

	private final @Nullable Action action;

	private final @Nullable CircuitBreakerMode mode;

	private final @Nullable BreakerChange state;

	private ControlRequest(@Nullable Action action, @Nullable CircuitBreakerMode mode, @Nullable BreakerChange state) {
		this.action = action;
		this.mode = mode;
		this.state = state;
	}

	static ControlRequest of(@Nullable String mode, @Nullable String state, @Nullable String action) {
		if (mode == null && state == null && action == null) {
			throw refused("Give mode (enabled, monitoring, disabled), state (open, closed) or both, "
					+ "or action (recycle, probe, reset-fence)");
		}
		if (action != null && (mode != null || state != null)) {
			throw refused("Give either action, or mode and state: one request does one thing");
		}
		return new ControlRequest(value(Action.class, action, "action has to be recycle, probe or reset-fence"),
				value(CircuitBreakerMode.class, mode, "mode has to be enabled, monitoring or disabled"),
				value(BreakerChange.class, state, "state has to be open or closed"));
	}

	private static <E extends Enum<E>> @Nullable E value(Class<E> type, @Nullable String text, String message) {
		if (text == null) {
			return null;
		}
		for (E constant : type.getEnumConstants()) {
			if (constant.name().replace('_', '-').equals(text.strip().toUpperCase(Locale.ROOT))) {
				return constant;
			}
		}
		throw refused(message + ", not '" + echo(text) + "'");
	}

	void applyTo(DataSourceCircuitBreaker breaker, Supplier<MonitorControl> monitor) {
		try {
			if (this.action != null) {
				this.action.run(monitor.get());
				return;
			}
			changeBreaker(breaker);
		}
		catch (IllegalStateException ex) {
			throw refused(String.valueOf(ex.getMessage()));
		}
	}

	private void changeBreaker(DataSourceCircuitBreaker breaker) {
		CircuitBreakerMode next = (this.mode != null) ? this.mode : breaker.mode();
		if (this.state == BreakerChange.OPEN && next != CircuitBreakerMode.ENABLED) {
			throw refused("The circuit breaker cannot be opened in mode " + next + "; set it to ENABLED");
		}
		breaker.setMode(next);
		if (this.state == BreakerChange.OPEN) {
			breaker.open();
		}
		else if (this.state == BreakerChange.CLOSED) {
			breaker.close();
		}
	}

	static InvalidEndpointRequestException refused(String message) {
		return new InvalidEndpointRequestException(message, message);
	}

	/**
	 * What a caller sent, short and harmless enough to be told back.
	 */
	static String echo(String text) {
		String printable = text.replaceAll("[^\\p{L}\\p{N}\\p{Punct} ]", "?");
		return (printable.length() > LONGEST_ECHO) ? printable.substring(0, LONGEST_ECHO) + "…" : printable;
	}

	private enum BreakerChange {

		OPEN, CLOSED

	}

	private enum Action {

		RECYCLE {
			@Override
			void run(MonitorControl monitor) {
				monitor.recycle("asked for through the actuator");
			}
		},

		PROBE {
			@Override
			void run(MonitorControl monitor) {
				monitor.probeNow(PROBE_WAIT);
			}
		},

		RESET_FENCE {
			@Override
			void run(MonitorControl monitor) {
				monitor.resetFence();
			}
		};

		abstract void run(MonitorControl monitor);

	}

}
