// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.transaction;

import io.github.dbresilience.transaction.SavepointEntities.Account;
import io.github.dbresilience.transaction.SavepointEntities.Line;
import io.github.dbresilience.transaction.SavepointEntities.Note;
import io.github.dbresilience.transaction.SavepointEntities.Ticket;
import jakarta.persistence.EntityManager;
import jakarta.persistence.EntityManagerFactory;
import jakarta.persistence.PersistenceException;
import org.hibernate.Session;
import org.hibernate.StatelessSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import org.springframework.dao.DataIntegrityViolationException;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.orm.jpa.EntityManagerHolder;
import org.springframework.transaction.CannotCreateTransactionException;
import org.springframework.transaction.UnexpectedRollbackException;
import org.springframework.transaction.support.TransactionSynchronizationManager;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

/**
 * Nested transactions with JPA do all or nothing, whatever they fail with, and leave the
 * transaction around them usable.
 */
@Timeout(60)
class JpaSavepointTests {

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
	void empty() {
		application.empty();
	}

	@Test
	void aNestedTransactionWithoutAnotherIsATransaction() {
		application.nested((status) -> persist(1, "alone"));
		assertThat(application.accounts()).containsExactly("alone");
	}

	@Test
	void aNestedTransactionIsCommittedWithTheOuter() {
		application.transaction((status) -> {
			persist(1, "outer");
			application.nested((inner) -> persist(2, "inner"));
			persist(3, "after");
		});
		assertThat(application.accounts()).containsExactly("outer", "inner", "after");
	}

	@Test
	void pendingInsertsOfARolledBackNestedTransactionDoNotSurvive() {
		application.transaction((status) -> {
			persist(1, "outer");
			application.undone(() -> persist(2, "inner"));
			persist(3, "after");
		});
		assertThat(application.accounts()).containsExactly("outer", "after");
	}

	@Test
	void flushedInsertsOfARolledBackNestedTransactionDoNotSurvive() {
		application.transaction((status) -> {
			persist(1, "outer");
			application.undone(() -> {
				persist(2, "inner");
				this.entityManager.flush();
			});
			persist(3, "after");
		});
		assertThat(application.accounts()).containsExactly("outer", "after");
	}

	@Test
	void changesOfTheOuterBeforeANestedTransactionAreKept() {
		application.transaction((status) -> persist(1, "first"));
		application.transaction((status) -> {
			find(1).name = "changed";
			application.undone(() -> find(1).name = "inner");
			assertThat(find(1).name).isEqualTo("changed");
		});
		assertThat(application.accounts()).containsExactly("changed");
	}

	@Test
	void anExceptionOfTheApplicationRollsBackTheNestedTransactionOnly() {
		application.transaction((status) -> {
			persist(1, "outer");
			assertThatExceptionOfType(IllegalStateException.class).isThrownBy(() -> application.nested((inner) -> {
				persist(2, "inner");
				throw new IllegalStateException("no");
			}));
			persist(3, "after");
		});
		assertThat(application.accounts()).containsExactly("outer", "after");
	}

	@Test
	void aViolatedConstraintLeavesTheOuterTransactionUsable() {
		application.transaction((status) -> {
			persist(1, "outer");
			assertThatExceptionOfType(PersistenceException.class).isThrownBy(() -> application.nested((inner) -> {
				persist(2, "outer");
				this.entityManager.flush();
			}));
			persist(3, "after");
			this.entityManager.flush();
			assertThat(find(1).name).isEqualTo("outer");
		});
		assertThat(application.accounts()).containsExactly("outer", "after");
	}

	@Test
	void aViolatedConstraintAtThePersistOfAnIdentityLeavesTheOuterTransactionUsable() {
		application.transaction((status) -> {
			this.entityManager.persist(new Ticket("outer"));
			assertThatExceptionOfType(PersistenceException.class)
				.isThrownBy(() -> application.nested((inner) -> this.entityManager.persist(new Ticket("outer"))));
			application.undone(() -> this.entityManager.persist(new Ticket("inner")));
			this.entityManager.persist(new Ticket("after"));
		});
		assertThat(application.jdbc().queryForList("select name from ticket order by id", String.class))
			.containsExactly("outer", "after");
	}

	@Test
	void aViolatedConstraintAtTheEndOfTheNestedTransactionIsItsFailure() {
		application.transaction((status) -> {
			persist(1, "outer");
			assertThatExceptionOfType(UnexpectedRollbackException.class)
				.isThrownBy(() -> application.nested((inner) -> persist(2, "outer")))
				.withCauseInstanceOf(DataIntegrityViolationException.class);
			persist(3, "after");
		});
		assertThat(application.accounts()).containsExactly("outer", "after");
	}

	@Test
	void aSwallowedViolationRollsBackTheNestedTransactionAndSaysSo() {
		application.transaction((status) -> {
			persist(1, "outer");
			assertThatExceptionOfType(UnexpectedRollbackException.class)
				.isThrownBy(() -> application.nested((inner) -> {
					persist(2, "inner");
					this.entityManager.flush();
					persist(3, "outer");
					assertThatThrownBy(this.entityManager::flush);
				}));
			persist(4, "after");
		});
		assertThat(application.accounts()).containsExactly("outer", "after");
	}

	@Test
	void aFailureOfAParticipantOfTheNestedTransactionRollsBackTheNestedTransactionOnly() {
		application.transaction((status) -> {
			persist(1, "outer");
			assertThatExceptionOfType(UnexpectedRollbackException.class)
				.isThrownBy(() -> application.nested((inner) -> {
					persist(2, "inner");
					assertThatThrownBy(() -> application.transaction((participant) -> {
						throw new IllegalStateException("no");
					}));
				}));
			persist(3, "after");
		});
		assertThat(application.accounts()).containsExactly("outer", "after");
	}

	@Test
	void aViolationOfTheOuterItselfIsNotForgivenByANestedTransaction() {
		assertThatExceptionOfType(UnexpectedRollbackException.class)
			.isThrownBy(() -> application.transaction((status) -> {
				persist(1, "outer");
				this.entityManager.flush();
				persist(2, "outer");
				assertThatThrownBy(this.entityManager::flush);
				assertThatExceptionOfType(CannotCreateTransactionException.class)
					.isThrownBy(() -> application.nested((inner) -> persist(3, "inner")));
			}));
		assertThat(application.accounts()).isEmpty();
	}

	@Test
	void aViolationOfTheOuterThatANestedTransactionBringsToLightIsNotForgiven() {
		assertThatExceptionOfType(UnexpectedRollbackException.class)
			.isThrownBy(() -> application.transaction((status) -> {
				persist(1, "outer");
				persist(2, "outer");
				assertThatExceptionOfType(DataIntegrityViolationException.class)
					.isThrownBy(() -> application.nested((inner) -> persist(3, "inner")));
			}));
		assertThat(application.accounts()).isEmpty();
	}

	@Test
	void aFailureOfAParticipantOfTheOuterIsNotForgivenByARolledBackNestedTransaction() {
		assertThatExceptionOfType(UnexpectedRollbackException.class)
			.isThrownBy(() -> application.transaction((status) -> {
				persist(1, "outer");
				application.undone(() -> persist(2, "inner"));
				assertThatThrownBy(() -> application.transaction((participant) -> {
					throw new IllegalStateException("no");
				}));
			}));
		assertThat(application.accounts()).isEmpty();
	}

	@Test
	void nestedTransactionsNestToAnyDepth() {
		application.transaction((status) -> {
			persist(1, "outer");
			application.nested((first) -> {
				persist(2, "first");
				application.nested((second) -> {
					persist(3, "second");
					assertThatThrownBy(() -> application.nested((third) -> {
						persist(4, "outer");
						this.entityManager.flush();
					}));
					persist(5, "still second");
				});
				application.undone(() -> {
					persist(6, "undone");
					application.nested((third) -> persist(7, "undone, too"));
				});
			});
			persist(8, "after");
		});
		assertThat(application.accounts()).containsExactly("outer", "first", "second", "still second", "after");
	}

	@Test
	void theOuterRollsBackItsNestedTransactions() {
		assertThatThrownBy(() -> application.transaction((status) -> {
			application.nested((inner) -> persist(1, "inner"));
			throw new IllegalStateException("no");
		}));
		assertThat(application.accounts()).isEmpty();
	}

	@Test
	void versionsAreThoseOfTheSavepointAfterARollback() {
		application.transaction((status) -> persist(1, "first"));
		application.transaction((status) -> {
			find(1);
			application.undone(() -> {
				find(1).name = "inner";
				this.entityManager.flush();
			});
			assertThat(find(1).version).isZero();
			find(1).name = "after";
		});
		assertThat(application.accounts()).containsExactly("after");
	}

	@Test
	void whatWasRemovedInARolledBackNestedTransactionIsThereAgain() {
		application.transaction((status) -> persist(1, "first"));
		application.transaction((status) -> {
			application.undone(() -> {
				this.entityManager.remove(find(1));
				this.entityManager.flush();
			});
			assertThat(find(1)).isNotNull();
			application.undone(() -> this.entityManager.remove(find(1)));
		});
		assertThat(application.accounts()).containsExactly("first");
	}

	@Test
	void rowsOfAHalfSentBatchDoNotSurvive() {
		application.transaction((status) -> {
			this.entityManager.persist(new Note(1, "outer"));
			assertThat(catchThrowable(() -> application.nested((inner) -> {
				this.entityManager.persist(new Note(2, "inner"));
				this.entityManager.persist(new Note(3, "poison"));
				this.entityManager.flush();
			}))).rootCause().hasMessage("poison");
			this.entityManager.persist(new Note(4, "after"));
		});
		assertThat(application.jdbc().queryForList("select text from note order by id", String.class))
			.containsExactly("outer", "after");
	}

	@Test
	void bulkStatementsAreRolledBack() {
		application.transaction((status) -> persist(1, "first"));
		application.transaction((status) -> {
			application
				.undone(() -> this.entityManager.createQuery("update Account a set a.name = 'inner'").executeUpdate());
			persist(2, "after");
		});
		assertThat(application.accounts()).containsExactly("first", "after");
	}

	@Test
	void jdbcAndJpaShareTheSavepoint() {
		application.transaction((status) -> {
			persist(1, "outer");
			assertThatExceptionOfType(DuplicateKeyException.class).isThrownBy(() -> application.nested((inner) -> {
				assertThat(application.accounts()).containsExactly("outer");
				persist(2, "inner");
				application.jdbc().update("insert into note (id, text) values (1, 'inner')");
				application.jdbc().update("insert into account (id, version, name) values (3, 0, 'outer')");
			}));
			application.jdbc().update("insert into note (id, text) values (2, 'after')");
		});
		assertThat(application.accounts()).containsExactly("outer");
		assertThat(application.jdbc().queryForList("select text from note", String.class)).containsExactly("after");
	}

	@Test
	void aStatelessSessionOnTheConnectionSharesTheSavepoint() {
		application.transaction((status) -> {
			persist(1, "outer");
			application.undone(() -> {
				try (StatelessSession stateless = this.entityManager.unwrap(Session.class)
					.statelessWithOptions()
					.connection()
					.open()) {
					stateless.insert(new Account(2, "inner"));
				}
			});
			persist(3, "after");
		});
		assertThat(application.accounts()).containsExactly("outer", "after");
	}

	@Test
	void theBatchOfAStatelessSessionOfTheOuterIsKept() {
		application.transaction((status) -> {
			try (StatelessSession stateless = this.entityManager.unwrap(Session.class)
				.statelessWithOptions()
				.connection()
				.open()) {
				stateless.setJdbcBatchSize(20);
				stateless.insert(new Account(1, "outer"));
				application.undone(() -> stateless.insert(new Account(2, "undone")));
				application.nested((inner) -> stateless.insert(new Account(3, "inner")));
				application.undone(() -> persist(4, "undone, too"));
			}
		});
		assertThat(application.accounts()).containsExactly("outer", "inner");
	}

	@Test
	void cascadedEntitiesAreRolledBack() {
		application.transaction((status) -> persist(1, "first"));
		application.transaction((status) -> {
			application.undone(() -> find(1).add("inner"));
			find(1).add("after");
		});
		assertThat(application.jdbc().queryForList("select text from line", String.class)).containsExactly("after");
	}

	@Test
	void savepointsAreThereForProgramsToo() {
		application.transaction((status) -> {
			persist(1, "outer");
			Object savepoint = status.createSavepoint();
			persist(2, "inner");
			status.rollbackToSavepoint(savepoint);
			persist(3, "again");
			status.releaseSavepoint(savepoint);
		});
		assertThat(application.accounts()).containsExactly("outer", "again");
	}

	@Test
	void aReadOnlyTransactionMayNest() {
		application.transaction((status) -> persist(1, "first"));
		String name = application.read(() -> {
			find(1).name = "not written";
			persist(2, "not written, too");
			application.undone(() -> find(1));
			return find(1).name;
		});
		assertThat(name).isEqualTo("first");
		assertThat(application.accounts()).containsExactly("first");
	}

	@Test
	void aConnectionThatIsLostInsideANestedTransactionIsNotForgiven() {
		Throwable thrown = catchThrowable(() -> application.transaction((status) -> {
			persist(1, "outer");
			assertThatThrownBy(() -> application.nested((inner) -> {
				persist(2, "inner");
				application.database().terminateBackends();
				this.entityManager.flush();
			}));
		}));
		assertThat(thrown).isNotNull();
		assertThat(application.accounts()).isEmpty();
	}

	@Test
	void aReferenceToADetachedEntityIsStored() {
		application.transaction((status) -> {
			Account account = persist(1, "outer");
			application.undone(() -> persist(2, "inner"));
			Line line = new Line();
			line.account = account;
			this.entityManager.persist(line);
		});
		assertThat(application.jdbc().queryForObject("select account_id from line", Long.class)).isEqualTo(1);
	}

	@Test
	void aViolationThatJdbcSwallowsInsideANestedTransactionRollsItBackAndSaysSo() {
		application.transaction((status) -> {
			persist(1, "outer");
			assertThatExceptionOfType(UnexpectedRollbackException.class)
				.isThrownBy(() -> application.nested((inner) -> {
					persist(2, "inner");
					this.entityManager.flush();
					assertThatExceptionOfType(DuplicateKeyException.class).isThrownBy(() -> application.jdbc()
						.update("insert into account (id, version, name) values (3, 0, 'outer')"));
				}));
			persist(4, "after");
		});
		assertThat(application.accounts()).containsExactly("outer", "after");
	}

	@Test
	void aViolationOfTheOuterAfterOneThatWasUndoneIsNotForgiven() {
		assertThatExceptionOfType(UnexpectedRollbackException.class)
			.isThrownBy(() -> application.transaction((status) -> {
				persist(1, "outer");
				assertThatExceptionOfType(UnexpectedRollbackException.class)
					.isThrownBy(() -> application.nested((inner) -> persist(2, "outer")));
				persist(3, "outer");
				assertThatThrownBy(this.entityManager::flush).isInstanceOf(PersistenceException.class);
			}));
		assertThat(application.accounts()).isEmpty();
	}

	@Test
	void transactionsOfOneEntityManagerDoNotForgiveEachOther() {
		EntityManagerFactory factory = this.entityManager.getEntityManagerFactory();
		EntityManager inView = factory.createEntityManager();
		TransactionSynchronizationManager.bindResource(factory, new EntityManagerHolder(inView));
		try {
			aViolatedConstraintLeavesTheOuterTransactionUsable();
			assertThatExceptionOfType(UnexpectedRollbackException.class)
				.isThrownBy(() -> application.transaction((status) -> {
					persist(5, "outer");
					assertThatThrownBy(this.entityManager::flush).isInstanceOf(PersistenceException.class);
				}));
			application.transaction((status) -> persist(6, "third"));
		}
		finally {
			TransactionSynchronizationManager.unbindResource(factory);
			inView.close();
		}
		assertThat(application.accounts()).containsExactly("outer", "after", "third");
	}

	private Account persist(long id, String name) {
		Account account = new Account(id, name);
		this.entityManager.persist(account);
		return account;
	}

	private Account find(long id) {
		return this.entityManager.find(Account.class, id);
	}

}
