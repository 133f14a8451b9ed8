// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.transaction;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;

import org.hibernate.Hibernate;
import org.hibernate.bytecode.enhance.spi.LazyPropertyInitializer;
import org.hibernate.engine.spi.SessionImplementor;
import org.hibernate.type.Type;
import org.jspecify.annotations.Nullable;

/**
 * The value of a property of an entity at a moment, as far as a later change can be told
 * from it.
 *
 * @param type its mapping type
 * @param value the value, or a copy of one that is mutable
 * @param elements the elements of a collection that is loaded
 */
record PropertyValue(Type type, @Nullable Object value, @Nullable List<@Nullable Object> elements) {

	static PropertyValue of(Type type, @Nullable Object value, SessionImplementor session) {
		if (type.isCollectionType()) {
			return new PropertyValue(type, value, elements(value));
		}
		if (isUnfetched(value) || type.isEntityType() || type.isAnyType()) {
			return new PropertyValue(type, value, null);
		}
		Object copy = type.deepCopy(value, session.getFactory());
		// A type without equals would always look changed
		return new PropertyValue(type, type.isDirty(copy, value, session) ? value : copy, null);
	}

	boolean isChanged(@Nullable Object now, SessionImplementor session) {
		if (this.type.isCollectionType()) {
			return now != this.value || (this.elements != null && !isSame(this.elements, elements(now)));
		}
		if (isUnfetched(this.value) || isUnfetched(now)) {
			return this.value != now;
		}
		if (this.type.isEntityType() || this.type.isAnyType()) {
			return !isSameEntity(now, session);
		}
		return this.type.isDirty(this.value, now, session);
	}

	/**
	 * Whether a managed entity has this value, too. Of collections the number of elements
	 * is compared: those of a merged one are other instances.
	 */
	boolean isCarriedOver(@Nullable Object theirs, SessionImplementor session) {
		if (!this.type.isCollectionType()) {
			return !isChanged(theirs, session);
		}
		if (theirs != null && this.elements != null) {
			Hibernate.initialize(theirs);
		}
		List<@Nullable Object> others = elements(theirs);
		return (this.elements != null) ? others != null && others.size() == this.elements.size() : theirs == null;
	}

	private boolean isSameEntity(@Nullable Object now, SessionImplementor session) {
		if (this.value == now) {
			return true;
		}
		if (this.value == null || now == null || this.type.isAnyType()) {
			return false;
		}
		Object id = id(this.value, session);
		return id != null && Objects.equals(id, id(now, session));
	}

	private static @Nullable Object id(Object entity, SessionImplementor session) {
		return session.getFactory().getPersistenceUnitUtil().getIdentifier(entity);
	}

	private static boolean isUnfetched(@Nullable Object value) {
		return value == LazyPropertyInitializer.UNFETCHED_PROPERTY;
	}

	private static @Nullable List<@Nullable Object> elements(@Nullable Object value) {
		if (!Hibernate.isInitialized(value)) {
			return null;
		}
		if (value instanceof Map<?, ?> map) {
			List<@Nullable Object> elements = new ArrayList<>(map.keySet());
			elements.addAll(map.values());
			return elements;
		}
		return (value instanceof Collection<?> collection) ? new ArrayList<>(collection) : null;
	}

	private static boolean isSame(List<@Nullable Object> before, @Nullable List<@Nullable Object> now) {
		if (now == null || before.size() != now.size()) {
			return false;
		}
		for (int i = 0; i < before.size(); i++) {
			if (before.get(i) != now.get(i)) {
				return false;
			}
		}
		return true;
	}

}
