// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.testing;

import java.util.List;

/**
 * One process of a {@link PostgresServer}, for faults that hit one session only.
 * Thread-safe.
 */
public final class Backend {

	private final ProcessHandle process;

	private final DatabaseServer sql;

	Backend(ProcessHandle process, DatabaseServer sql) {
		this.process = process;
		this.sql = sql;
	}

	/**
	 * {@return the process id}
	 */
	public long pid() {
		return this.process.pid();
	}

	/**
	 * {@return whether the process exists; it may be paused}
	 */
	public boolean isAlive() {
		return Postmaster.isAlive(this.process);
	}

	/**
	 * Ends the session with {@code pg_terminate_backend} (SQLState 57P01) and waits up to
	 * 15 s for its end.
	 * @return whether it has ended by this
	 */
	public boolean terminate() {
		return this.sql.terminate("pid = ?::int", Long.toString(pid())) == 1;
	}

	/**
	 * Cancels what the session does with {@code pg_cancel_backend} (SQLState 57014).
	 */
	public void cancel() {
		this.sql.execute("select pg_cancel_backend(" + pid() + ")");
	}

	/**
	 * Stops the process with SIGSTOP: the session keeps its connection and its locks, and
	 * does nothing. Others are not hit, unless they wait for it.
	 */
	public void pause() {
		Postmaster.signal("STOP", List.of(this.process));
		Postmaster.until("stop of process " + pid(), () -> Postmaster.isSuspended(this.process) || !isAlive());
	}

	/**
	 * Lets a paused process go on.
	 */
	public void resume() {
		Postmaster.signal("CONT", List.of(this.process));
	}

	/**
	 * Kills the process with SIGKILL. The postmaster takes that for a crash: it ends all
	 * other sessions and recovers.
	 */
	public void kill() {
		Postmaster.signal("KILL", List.of(this.process));
		Postmaster.until("end of process " + pid(), () -> !isAlive());
	}

}
