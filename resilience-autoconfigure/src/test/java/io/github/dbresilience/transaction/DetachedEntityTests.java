// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.transaction;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

import io.github.dbresilience.transaction.SavepointEntities.Account;
import io.github.dbresilience.transaction.SavepointEntities.Line;
import io.github.dbresilience.transaction.SavepointEntities.Note;
import jakarta.persistence.EntityManager;
import jakarta.persistence.LockModeType;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import org.springframework.dao.InvalidDataAccessApiUsageException;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * A change to an entity that the rollback of a nested transaction has detached is never
 * lost without a word.
 */
@Timeout(60)
class DetachedEntityTests {

	private static JpaApplication application;

	private final EntityManager entityManager = application.entityManager();

	@BeforeAll
	static void start() {
		application = JpaApplication.start();
	}

	@AfterAll
	static void stop() {
		application.close();
	}

	@BeforeEach
	void oneAccount() {
		application.empty();
		application.transaction((status) -> {
			Account account = new Account(1, "first");
			account.add("line");
			this.entityManager.persist(account);
		});
	}

	@Test
	void aChangeAfterTheRollbackIsRefused() {
		refused((account) -> account.name = "lost", "name");
	}

	@Test
	void aChangeInPlaceAfterTheRollbackIsRefused() {
		refused((account) -> account.picture[0] = 9, "picture");
	}

	@Test
	void anElementThatIsAddedAfterTheRollbackIsRefused() {
		refused((account) -> account.add("lost"), "lines");
	}

	@Test
	void aCollectionThatIsReplacedAfterTheRollbackIsRefused() {
		refused((account) -> account.lines = new ArrayList<>(), "lines");
	}

	@Test
	void aChangeToAnEntityThatTheOuterHasJustPersistedIsRefused() {
		assertThatExceptionOfType(InvalidDataAccessApiUsageException.class)
			.isThrownBy(() -> application.transaction((status) -> {
				Account account = new Account(2, "new");
				this.entityManager.persist(account);
				application.undone(() -> {
				});
				account.name = "lost";
			}));
		assertThat(application.accounts()).containsExactly("first");
	}

	@Test
	void aChangeToAnEntityThatTheNestedTransactionHadRemovedIsRefused() {
		assertThatExceptionOfType(InvalidDataAccessApiUsageException.class)
			.isThrownBy(() -> application.transaction((status) -> {
				Account account = find();
				application.undone(() -> {
					this.entityManager.remove(account);
					this.entityManager.flush();
				});
				account.name = "lost";
			}));
		assertThat(application.accounts()).containsExactly("first");
	}

	@Test
	void aChangeToAnEntityThatTheNestedTransactionHadLoadedIsRefused() {
		List<Account> loaded = new ArrayList<>();
		assertThatExceptionOfType(InvalidDataAccessApiUsageException.class)
			.isThrownBy(() -> application.transaction((status) -> {
				application.undone(() -> loaded.add(find()));
				loaded.get(0).name = "lost";
			}));
	}

	@Test
	void aChangeInsideALaterNestedTransactionIsRefused() {
		assertThatExceptionOfType(InvalidDataAccessApiUsageException.class)
			.isThrownBy(() -> application.transaction((status) -> {
				Account account = detached();
				application.nested((inner) -> account.name = "lost");
			}));
	}

	@Test
	void aChangeIsNotForgivenByALaterRollback() {
		assertThatExceptionOfType(InvalidDataAccessApiUsageException.class)
			.isThrownBy(() -> application.transaction((status) -> {
				Account account = detached();
				account.name = "lost";
				application.undone(() -> {
				});
			}));
	}

	@Test
	void aChangeInsideALaterNestedTransactionThatIsRolledBackIsNothing() {
		application.transaction((status) -> {
			Account account = detached();
			application.undone(() -> account.name = "rolled back");
		});
		assertThat(application.accounts()).containsExactly("first");
	}

	@Test
	void anEntityThatIsOnlyReadIsNothing() {
		application.transaction((status) -> {
			Account account = detached();
			assertThat(account.lines).hasSize(1);
			find().name = "after";
		});
		assertThat(application.accounts()).containsExactly("after");
	}

	@Test
	void whatTheNestedTransactionChangedInMemoryIsNothing() {
		application.transaction((status) -> {
			Account account = find();
			application.undone(() -> account.name = "rolled back");
		});
		assertThat(application.accounts()).containsExactly("first");
	}

	@Test
	void anElementThatIsPersistedByItselfIsStored() {
		application.transaction((status) -> this.entityManager.persist(detached().add("by itself")));
		assertThat(application.jdbc().queryForList("select text from line", String.class)).contains("by itself");
	}

	@Test
	void aValueWithoutEqualsIsNothingWhileItStays() {
		application.transaction((status) -> {
			Note note = new Note(1, "note");
			this.entityManager.persist(note);
			detached();
			assertThat(note.settings.color).isEqualTo("red");
			find().name = "after";
		});
		assertThat(application.accounts()).containsExactly("after");
	}

	@Test
	void aPropertyThatIsNeverWrittenIsNothing() {
		application.transaction((status) -> detached().nameInCapitals = "nothing");
		assertThat(application.accounts()).containsExactly("first");
	}

	@Test
	void aReferenceThatIsReplacedIsRefused() {
		assertThatExceptionOfType(InvalidDataAccessApiUsageException.class)
			.isThrownBy(() -> application.transaction((status) -> {
				Line line = detached().lines.get(0);
				Account other = new Account(2, "other");
				this.entityManager.persist(other);
				line.account = other;
			}))
			.withMessageContaining("would be lost: account");
	}

	@Test
	void aReferenceThatIsLoadedAgainIsNothing() {
		application.transaction((status) -> detached().lines.get(0).account = find());
		assertThat(application.accounts()).containsExactly("first");
	}

	@Test
	void aMergedChangeIsStored() {
		application.transaction((status) -> {
			Account account = detached();
			account.name = "merged";
			account.add("merged");
			this.entityManager.merge(account);
		});
		assertThat(application.accounts()).containsExactly("merged");
		assertThat(application.jdbc().queryForList("select text from line", String.class)).contains("merged");
	}

	@Test
	void aMergedChangeIsStoredThoughTheContextWasClearedAgain() {
		application.transaction((status) -> {
			Account account = detached();
			account.name = "merged";
			this.entityManager.merge(account);
			application.undone(() -> {
			});
		});
		assertThat(application.accounts()).containsExactly("merged");
	}

	@Test
	void aChangeThatTheApplicationRepeatsOnTheManagedEntityIsStored() {
		application.transaction((status) -> {
			detached().name = "twice";
			find().name = "twice";
		});
		assertThat(application.accounts()).containsExactly("twice");
	}

	@Test
	void anEntityThatTheNestedTransactionCreatedMayBeCorrectedAndPersistedAgain() {
		application.transaction((status) -> {
			Account account = new Account(2, "inner");
			application.undone(() -> this.entityManager.persist(account));
			Account again = new Account(2, "again");
			this.entityManager.persist(again);
			account.name = "again";
		});
		assertThat(application.accounts()).containsExactly("first", "again");
	}

	@Test
	void anOptimisticLockThatTheRollbackDroppedIsRefused() {
		assertThatExceptionOfType(InvalidDataAccessApiUsageException.class)
			.isThrownBy(() -> application.transaction((status) -> {
				this.entityManager.find(Account.class, 1L, LockModeType.OPTIMISTIC);
				application.undone(() -> {
				});
			}))
			.withMessageContaining("version check")
			.withMessageContaining("REQUIRES_NEW");
	}

	private void refused(Consumer<Account> change, String property) {
		assertThatExceptionOfType(InvalidDataAccessApiUsageException.class)
			.isThrownBy(() -> application.transaction((status) -> {
				Account account = detached();
				change.accept(account);
				application.jdbc().update("insert into note (id, text) values (1, 'rolled back, too')");
			}))
			.withMessageContaining("Account#1")
			.withMessageContaining("would be lost: " + property)
			.withMessageContaining("Load or merge");
		assertThat(application.accounts()).containsExactly("first");
		assertThat(application.jdbc().queryForObject("select count(*) from note", Long.class)).isZero();
	}

	/**
	 * An account that was loaded, with its lines, before a nested transaction was rolled
	 * back.
	 */
	private Account detached() {
		Account account = find();
		assertThat(account.lines).hasSize(1);
		application.undone(() -> {
		});
		return account;
	}

	private Account find() {
		return this.entityManager.find(Account.class, 1L);
	}

}
