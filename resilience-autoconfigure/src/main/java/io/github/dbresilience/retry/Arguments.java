// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.retry;

import java.io.InputStream;
import java.io.Reader;
import java.nio.channels.ReadableByteChannel;
import java.sql.ResultSet;
import java.util.Arrays;
import java.util.Collection;
import java.util.Enumeration;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.BaseStream;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;

import org.springframework.core.annotation.MergedAnnotations;
import org.springframework.core.annotation.MergedAnnotations.SearchStrategy;

/**
 * Finds arguments that another attempt cannot be given: entities, which the failed
 * attempt may have changed, and what can be read only once. Stateless.
 */
final class Arguments {

	/** How many elements of a collection are looked at. */
	private static final int MAX_ELEMENTS = 20;

	/** By name, as JPA may not be there. */
	private static final Set<String> ENTITY = Set.of("jakarta.persistence.Entity",
			"jakarta.persistence.MappedSuperclass");

	private Arguments() {
	}

	/**
	 * Looks for the first such argument.
	 * @param arguments the arguments of the method
	 * @param kind what the transaction is; a read-only one changes no entity
	 * @return what it is, {@code null} if there is none
	 */
	static @Nullable String unrepeatable(@Nullable Object[] arguments, TransactionKind kind) {
		for (Object argument : arguments) {
			String found = inside(argument, kind);
			if (found != null) {
				return found;
			}
		}
		return null;
	}

	private static @Nullable String inside(@Nullable Object argument, TransactionKind kind) {
		try {
			for (Object element : elements(argument)) {
				if (element != null && isReadOnce(element)) {
					return "a " + element.getClass().getName() + ", which can be read only once";
				}
				if (element != null && kind != TransactionKind.READ_ONLY && isEntity(element.getClass())) {
					return "the entity " + element.getClass().getSimpleName()
							+ ", which the failed attempt may have changed";
				}
			}
			return null;
		}
		catch (RuntimeException ex) {
			// A lazy collection of a lost session, for example
			return "a collection that cannot be read: " + ex;
		}
	}

	private static List<@Nullable Object> elements(@Nullable Object argument) {
		Stream<?> elements = Stream.empty();
		if (argument instanceof Collection<?> collection) {
			elements = collection.stream();
		}
		else if (argument instanceof Map<?, ?> map) {
			elements = map.entrySet().stream().flatMap((entry) -> Stream.of(entry.getKey(), entry.getValue()));
		}
		else if (argument instanceof Object[] array) {
			elements = Arrays.stream(array);
		}
		return Stream.<@Nullable Object>concat(Stream.of(argument), elements.limit(MAX_ELEMENTS)).toList();
	}

	private static boolean isReadOnce(Object element) {
		return element instanceof InputStream || element instanceof Reader || element instanceof ReadableByteChannel
				|| element instanceof Iterator || element instanceof Enumeration || element instanceof BaseStream
				|| element instanceof ResultSet;
	}

	private static boolean isEntity(Class<?> type) {
		MergedAnnotations annotations = MergedAnnotations.from(type, SearchStrategy.SUPERCLASS);
		return ENTITY.stream().anyMatch(annotations::isPresent);
	}

}
