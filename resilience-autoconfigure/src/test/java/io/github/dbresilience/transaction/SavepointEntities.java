// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.transaction;

import java.util.ArrayList;
import java.util.List;

import jakarta.persistence.AttributeConverter;
import jakarta.persistence.CascadeType;
import jakarta.persistence.Column;
import jakarta.persistence.Convert;
import jakarta.persistence.Entity;
import jakarta.persistence.GeneratedValue;
import jakarta.persistence.GenerationType;
import jakarta.persistence.Id;
import jakarta.persistence.ManyToOne;
import jakarta.persistence.OneToMany;
import jakarta.persistence.Version;
import org.hibernate.annotations.Formula;

/**
 * Entities with assigned ids, sequences, identities, versions and collections.
 */
final class SavepointEntities {

	private SavepointEntities() {
	}

	/**
	 * An account.
	 */
	@Entity(name = "Account")
	static class Account {

		@Id
		Long id;

		@Version
		Integer version;

		@Column(unique = true)
		String name;

		byte[] picture = { 1, 2, 3 };

		@Formula("upper(name)")
		String nameInCapitals;

		@OneToMany(mappedBy = "account", cascade = CascadeType.ALL)
		List<Line> lines = new ArrayList<>();

		protected Account() {
		}

		Account(long id, String name) {
			this.id = id;
			this.name = name;
		}

		Line add(String text) {
			Line line = new Line();
			line.account = this;
			line.text = text;
			this.lines.add(line);
			return line;
		}

	}

	/**
	 * A line of an account, with an id of a sequence.
	 */
	@Entity(name = "Line")
	static class Line {

		@Id
		@GeneratedValue(strategy = GenerationType.SEQUENCE)
		Long id;

		@ManyToOne
		Account account;

		String text;

	}

	/**
	 * A ticket, whose id the database gives at once.
	 */
	@Entity(name = "Ticket")
	static class Ticket {

		@Id
		@GeneratedValue(strategy = GenerationType.IDENTITY)
		Long id;

		@Column(unique = true)
		String name;

		protected Ticket() {
		}

		Ticket(String name) {
			this.name = name;
		}

	}

	/**
	 * A note, which can fail in the middle of a batch.
	 */
	@Entity(name = "Note")
	static class Note {

		@Id
		Long id;

		@Convert(converter = PoisonConverter.class)
		String text;

		@Convert(converter = SettingsConverter.class)
		Settings settings = new Settings("red");

		protected Note() {
		}

		Note(long id, String text) {
			this.id = id;
			this.text = text;
		}

	}

	/**
	 * A mutable value without equals.
	 */
	static class Settings {

		String color;

		Settings(String color) {
			this.color = color;
		}

	}

	/**
	 * Stores settings as text.
	 */
	static class SettingsConverter implements AttributeConverter<Settings, String> {

		@Override
		public String convertToDatabaseColumn(Settings value) {
			return (value != null) ? value.color : null;
		}

		@Override
		public Settings convertToEntityAttribute(String column) {
			return (column != null) ? new Settings(column) : null;
		}

	}

	/**
	 * Fails when a value is bound to a statement.
	 */
	static class PoisonConverter implements AttributeConverter<String, String> {

		@Override
		public String convertToDatabaseColumn(String value) {
			if ("poison".equals(value)) {
				throw new IllegalStateException("poison");
			}
			return value;
		}

		@Override
		public String convertToEntityAttribute(String column) {
			return column;
		}

	}

}
