// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.testing;

import java.time.Duration;
import java.util.function.Predicate;

import org.jspecify.annotations.Nullable;

/**
 * What shall happen to a COMMIT on its way through a {@link FaultProxy}, and to which. In
 * each case the client loses its connection. Immutable.
 * <p>
 * Unless told otherwise it happens to the next COMMIT, once, and the whole message goes
 * the same way: all that the client sent together with COMMIT.
 */
public final class CommitScript {

	private final Action action;

	private Part part = Part.ALL;

	private Session session = Session.CLOSED;

	private int skip;

	private int times = 1;

	private Predicate<String> condition = (sql) -> true;

	private @Nullable Duration releaseAfter;

	private CommitScript(Action action) {
		this.action = action;
	}

	private CommitScript(CommitScript other) {
		this.action = other.action;
		this.part = other.part;
		this.session = other.session;
		this.skip = other.skip;
		this.times = other.times;
		this.condition = other.condition;
		this.releaseAfter = other.releaseAfter;
	}

	/**
	 * The server commits and answers. When all of the answer is there, it is dropped and
	 * the client is cut off.
	 * @return the script
	 */
	public static CommitScript dropReply() {
		return new CommitScript(Action.DROP_REPLY);
	}

	/**
	 * COMMIT never arrives. The client is cut off and the server's session ends, which
	 * rolls back.
	 * @return the script
	 */
	public static CommitScript dropCommit() {
		return new CommitScript(Action.DROP_COMMIT);
	}

	/**
	 * The client is cut off at once, and COMMIT arrives when it is
	 * {@linkplain CommitFault#release() released}.
	 * @return the script
	 */
	public static CommitScript delayCommit() {
		return new CommitScript(Action.DELAY_COMMIT);
	}

	/**
	 * The client is cut off at once, and COMMIT arrives later.
	 * @param delay how much later, unless it is released before
	 * @return the script
	 */
	public static CommitScript delayCommit(Duration delay) {
		CommitScript script = new CommitScript(Action.DELAY_COMMIT);
		script.releaseAfter = delay;
		return script;
	}

	/**
	 * The server does not learn that the client is gone: its session stays, with the
	 * locks that it holds, until it is {@linkplain CommitFault#release() released}.
	 * @return a changed copy
	 */
	public CommitScript keepSession() {
		CommitScript copy = new CommitScript(this);
		copy.session = Session.KEPT;
		return copy;
	}

	/**
	 * What the client sent before COMMIT, in the same message, reaches the server and is
	 * executed; only the rest is dropped or delayed. The session is then in its
	 * transaction, and {@code pg_stat_activity} calls it active and waiting for the
	 * client, as there was no Sync. A simple query is not divided: nothing of it arrives.
	 * @return a changed copy
	 */
	public CommitScript letOthersThrough() {
		CommitScript copy = new CommitScript(this);
		copy.part = Part.FROM_COMMIT;
		return copy;
	}

	/**
	 * Leaves the next ones alone.
	 * @param commits how many COMMITs that the condition holds for
	 * @return a changed copy
	 */
	public CommitScript after(int commits) {
		CommitScript copy = new CommitScript(this);
		copy.skip = commits;
		return copy;
	}

	/**
	 * Lets it happen several times.
	 * @param times how often
	 * @return a changed copy
	 */
	public CommitScript times(int times) {
		CommitScript copy = new CommitScript(this);
		copy.times = times;
		return copy;
	}

	/**
	 * Lets it happen to some COMMITs only.
	 * @param condition on the statements that were sent together with COMMIT, separated
	 * by semicolons
	 * @return a changed copy
	 */
	public CommitScript when(Predicate<String> condition) {
		CommitScript copy = new CommitScript(this);
		copy.condition = condition;
		return copy;
	}

	Action action() {
		return this.action;
	}

	Part part() {
		return this.part;
	}

	Session session() {
		return this.session;
	}

	int skip() {
		return this.skip;
	}

	int times() {
		return this.times;
	}

	boolean matches(ClientBatch batch) {
		return this.condition.test(batch.sql());
	}

	@Nullable Duration releaseAfter() {
		return this.releaseAfter;
	}

	@Override
	public String toString() {
		return this.action + " of " + this.part + ", session " + this.session + ", " + this.times + " times after "
				+ this.skip;
	}

	enum Action {

		DROP_REPLY, DROP_COMMIT, DELAY_COMMIT

	}

	enum Part {

		ALL, FROM_COMMIT

	}

	enum Session {

		CLOSED, KEPT

	}

}
