// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.testing;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;

import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;

/**
 * A running postmaster and its children, and the signals that they get.
 */
final class Postmaster {

	private static final Duration TIMEOUT = Duration.ofSeconds(30);

	private final Guard guard;

	private final ProcessHandle process;

	private Postmaster(Guard guard, ProcessHandle process) {
		this.guard = guard;
		this.process = process;
	}

	/**
	 * Starts a postmaster and waits until it accepts connections.
	 * @param files its directory
	 * @param command the program and its arguments
	 * @return the postmaster
	 * @throws IllegalStateException if it does not come up; it is gone then
	 */
	static Postmaster start(ServerDirectory files, List<String> command) {
		Guard guard = Guard.start(command, files.log(), files.root());
		ProcessHandle process = ProcessHandle.of(guard.serverPid()).orElse(null);
		if (process == null) {
			guard.release(TIMEOUT);
			throw new IllegalStateException("PostgreSQL did not start:\n" + files.logTail());
		}
		Postmaster postmaster = new Postmaster(guard, process);
		try {
			until("start of PostgreSQL", () -> !postmaster.isAlive() || files.isReady(process.pid()));
		}
		catch (ConditionTimeoutException ex) {
			postmaster.kill();
			throw new IllegalStateException("PostgreSQL does not come up:\n" + files.logTail(), ex);
		}
		if (!postmaster.isAlive()) {
			guard.release(TIMEOUT);
			throw new IllegalStateException("PostgreSQL did not start:\n" + files.logTail());
		}
		return postmaster;
	}

	long pid() {
		return this.process.pid();
	}

	boolean isAlive() {
		return isAlive(this.process);
	}

	/**
	 * Tells the postmaster to end and waits for it.
	 * @param signal what PostgreSQL takes for a request to shut down
	 * @throws IllegalStateException if it did not obey and was killed
	 */
	void stop(String signal) {
		signal(signal, List.of(this.process));
		resume();
		if (!this.guard.release(TIMEOUT)) {
			kill();
			throw new IllegalStateException(
					"PostgreSQL did not shut down within " + TIMEOUT.toSeconds() + " s and was killed");
		}
	}

	/**
	 * Kills the postmaster and its children, which have no chance to do anything.
	 */
	void kill() {
		List<ProcessHandle> processes = suspend();
		signal("KILL", processes);
		boolean reaped = this.guard.release(TIMEOUT);
		until("end of PostgreSQL", () -> reaped && processes.stream().noneMatch(Postmaster::isAlive));
	}

	/** Stops the postmaster; its children go on. */
	void suspendAlone() {
		signal("STOP", List.of(this.process));
		until("stop of the postmaster", () -> isSuspended(this.process) || !isAlive());
	}

	/**
	 * Stops the postmaster, which then cannot fork, and its children.
	 * @return the stopped processes
	 */
	List<ProcessHandle> suspend() {
		suspendAlone();
		List<ProcessHandle> processes = family();
		signal("STOP", processes);
		until("stop of the backends",
				() -> processes.stream().allMatch((process) -> isSuspended(process) || !isAlive(process)));
		return processes;
	}

	void resume() {
		signal("CONT", family());
	}

	/**
	 * Finds a child.
	 * @param pid its process id
	 * @return the child
	 * @throws IllegalArgumentException if there is none
	 */
	ProcessHandle child(long pid) {
		return this.process.children()
			.filter((child) -> child.pid() == pid)
			.findFirst()
			.orElseThrow(() -> new IllegalArgumentException("The server has no process " + pid));
	}

	private List<ProcessHandle> family() {
		List<ProcessHandle> family = new ArrayList<>(this.process.children().toList());
		family.add(this.process);
		return family;
	}

	static void signal(String signal, List<ProcessHandle> processes) {
		StringBuilder script = new StringBuilder();
		for (ProcessHandle process : processes.stream().filter(ProcessHandle::isAlive).toList()) {
			script.append("kill -s ").append(signal).append(' ').append(process.pid()).append(" 2>/dev/null; ");
		}
		Command.run(List.of("sh", "-c", script + "true"));
	}

	static void until(String what, Callable<Boolean> condition) {
		Awaitility.await(what)
			.pollDelay(Duration.ZERO)
			.pollInterval(Duration.ofMillis(5))
			.atMost(TIMEOUT)
			.until(condition);
	}

	/**
	 * Tells whether a process runs.
	 * @param process the process
	 * @return false also when it has ended and nobody has reaped it yet
	 */
	static boolean isAlive(ProcessHandle process) {
		return process.isAlive() && state(process) != 'Z';
	}

	static boolean isSuspended(ProcessHandle process) {
		char state = state(process);
		return state == 'T' || state == '?';
	}

	/** The third field of /proc/pid/stat; only Linux tells. */
	private static char state(ProcessHandle process) {
		try {
			String stat = Files.readString(Path.of("/proc", Long.toString(process.pid()), "stat"));
			return stat.charAt(stat.lastIndexOf(')') + 2);
		}
		catch (IOException ex) {
			return '?';
		}
	}

}
