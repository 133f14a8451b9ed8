// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.chaos;

import java.util.Arrays;
import java.util.List;
import java.util.UUID;

import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;

/**
 * The tables of {@link LedgerTables} as entities.
 */
final class Entities {

	private Entities() {
	}

	/** An account. */
	@Entity
	@Table(name = "account")
	static class Account {

		@Id
		private Integer id;

		private long balance;

		protected Account() {
		}

		void add(long amount) {
			this.balance += amount;
		}

	}

	/** A counter. */
	@Entity
	@Table(name = "counter")
	static class Counter {

		@Id
		private Integer id;

		private long value;

		protected Counter() {
		}

		void increment() {
			this.value++;
		}

	}

	/** A recorded transfer. */
	@Entity
	@Table(name = "transfer")
	static class TransferRow {

		@Id
		private UUID id;

		private int sender;

		private int receiver;

		private long amount;

		protected TransferRow() {
		}

		TransferRow(Action.Transfer transfer) {
			this.id = transfer.id();
			this.sender = transfer.from();
			this.receiver = transfer.to();
			this.amount = transfer.amount();
		}

	}

	/** An inserted id. */
	@Entity
	@Table(name = "inserted")
	static class Inserted {

		@Id
		private UUID id;

		protected Inserted() {
		}

		Inserted(UUID id) {
			this.id = id;
		}

	}

	/** A list. */
	@Entity
	@Table(name = "list")
	static class ListRow {

		@Id
		private Integer id;

		private Long[] elements;

		protected ListRow() {
		}

		ListRow(int id, long first) {
			this.id = id;
			this.elements = new Long[] { first };
		}

		List<Long> elements() {
			return List.of(this.elements);
		}

		void append(long value) {
			Long[] longer = Arrays.copyOf(this.elements, this.elements.length + 1);
			longer[this.elements.length] = value;
			this.elements = longer;
		}

	}

}
