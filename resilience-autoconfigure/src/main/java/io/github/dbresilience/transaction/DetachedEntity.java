// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.transaction;

import java.util.ArrayList;
import java.util.List;

import org.hibernate.engine.spi.SessionImplementor;
import org.jspecify.annotations.Nullable;

/**
 * An entity that a rollback to a savepoint detached, and what it looked like then.
 * Collections inside of embeddables, and mutable values without {@code equals}, are not
 * looked into. Not thread-safe.
 */
final class DetachedEntity {

	private final ManagedEntity managed;

	private final SessionImplementor session;

	private PropertyValue[] values;

	private boolean changed;

	DetachedEntity(ManagedEntity managed, SessionImplementor session) {
		this.managed = managed;
		this.session = session;
		this.values = now();
	}

	ManagedEntity managed() {
		return this.managed;
	}

	void keepChanges() {
		this.changed |= hasChanges();
	}

	void forgetChanges() {
		if (!this.changed) {
			this.values = now();
		}
	}

	boolean hasChanges() {
		return !changes().isEmpty();
	}

	/**
	 * The changes that are nowhere else.
	 * @return the names of the properties; none if the row is gone, or the changes were
	 * made to the managed entity, too
	 */
	List<String> lostChanges() {
		List<Integer> changes = changes();
		if (changes.isEmpty()) {
			return List.of();
		}
		Object current = this.session.find(this.managed.persister().getMappedClass(), this.managed.id());
		if (current == null) {
			return List.of();
		}
		Object[] theirs = this.managed.persister().getValues(current);
		PropertyValue[] ours = now();
		return changes.stream()
			.filter((property) -> !ours[property].isCarriedOver(theirs[property], this.session))
			.map((property) -> this.managed.persister().getPropertyNames()[property])
			.toList();
	}

	private List<Integer> changes() {
		List<Integer> changes = new ArrayList<>();
		@Nullable Object[] current = this.managed.persister().getValues(this.managed.entity());
		for (int property = 0; property < current.length; property++) {
			if (isWritten(property) && this.values[property].isChanged(current[property], this.session)) {
				changes.add(property);
			}
		}
		return changes;
	}

	private boolean isWritten(int property) {
		return this.managed.persister().getPropertyUpdateability()[property]
				|| this.managed.persister().getPropertyTypes()[property].isCollectionType();
	}

	private PropertyValue[] now() {
		@Nullable Object[] current = this.managed.persister().getValues(this.managed.entity());
		PropertyValue[] values = new PropertyValue[current.length];
		for (int property = 0; property < current.length; property++) {
			values[property] = PropertyValue.of(this.managed.persister().getPropertyTypes()[property],
					current[property], this.session);
		}
		return values;
	}

	@Override
	public String toString() {
		return this.managed.persister().getEntityName() + "#" + this.managed.id();
	}

}
