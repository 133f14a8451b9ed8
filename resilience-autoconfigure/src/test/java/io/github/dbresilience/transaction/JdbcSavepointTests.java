// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.transaction;

import java.util.List;
import java.util.function.Consumer;

import io.github.dbresilience.autoconfigure.DbResilienceAutoConfiguration;
import io.github.dbresilience.datasource.ResilientDataSource;
import io.github.dbresilience.testing.TestDatabase;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceTransactionManagerAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.JdbcTemplateAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.transaction.autoconfigure.TransactionAutoConfiguration;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.TransactionSystemException;
import org.springframework.transaction.UnexpectedRollbackException;
import org.springframework.transaction.support.TransactionTemplate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/**
 * Nested transactions with JDBC work out of the box, through the resilient connection.
 */
@Timeout(60)
class JdbcSavepointTests {

	@Test
	void aViolatedConstraintLeavesTheOuterTransactionUsable() {
		run((application) -> {
			application.transaction(() -> {
				application.insert("outer");
				assertThatExceptionOfType(DuplicateKeyException.class).isThrownBy(() -> application.nested(() -> {
					application.insert("inner");
					application.insert("outer");
				}));
				application.insert("after");
			});
			assertThat(application.names()).containsExactly("outer", "after");
		});
	}

	@Test
	void nestedTransactionsNestToAnyDepth() {
		run((application) -> {
			application.transaction(() -> {
				application.insert("outer");
				application.nested(() -> {
					application.insert("first");
					application.nested(() -> {
						application.insert("second");
						assertThatExceptionOfType(DuplicateKeyException.class)
							.isThrownBy(() -> application.nested(() -> application.insert("outer")));
						application.insert("still second");
					});
					application.undone(() -> {
						application.insert("undone");
						application.nested(() -> application.insert("undone, too"));
					});
				});
			});
			assertThat(application.names()).containsExactly("outer", "first", "second", "still second");
		});
	}

	@Test
	void aNestedTransactionCanBeMarkedAsRollbackOnly() {
		run((application) -> {
			application.transaction(() -> {
				application.insert("outer");
				application.undone(() -> application.insert("inner"));
				application.insert("after");
			});
			assertThat(application.names()).containsExactly("outer", "after");
		});
	}

	@Test
	void aFailureOfAParticipantOfTheNestedTransactionRollsBackTheNestedTransactionOnly() {
		run((application) -> {
			application.transaction(() -> {
				application.insert("outer");
				assertThatExceptionOfType(UnexpectedRollbackException.class).isThrownBy(() -> application.nested(() -> {
					application.insert("inner");
					assertThatThrownBy(() -> application.transaction(() -> {
						throw new IllegalStateException("no");
					})).isInstanceOf(IllegalStateException.class);
				}));
				application.insert("after");
			});
			assertThat(application.names()).containsExactly("outer", "after");
		});
	}

	@Test
	void aViolationThatTheNestedTransactionSwallowsIsNeverHalfCommitted() {
		run((application) -> {
			assertThatThrownBy(() -> application.transaction(() -> {
				application.insert("outer");
				assertThatExceptionOfType(TransactionSystemException.class).isThrownBy(() -> application.nested(() -> {
					application.insert("inner");
					assertThatThrownBy(() -> application.insert("outer")).isInstanceOf(DuplicateKeyException.class);
				}));
			})).rootCause().hasMessageContaining("nothing was committed");
			assertThat(application.names()).isEmpty();
		});
	}

	private static void run(Consumer<JdbcApplication> test) {
		try (TestDatabase database = TestDatabase.create()) {
			new ApplicationContextRunner()
				.withConfiguration(AutoConfigurations.of(DataSourceAutoConfiguration.class,
						DataSourceTransactionManagerAutoConfiguration.class, TransactionAutoConfiguration.class,
						JdbcTemplateAutoConfiguration.class, DbResilienceAutoConfiguration.class))
				.withPropertyValues(database.springProperties())
				.run((context) -> {
					assertThat(context).hasSingleBean(ResilientDataSource.class);
					assertThat(context).hasSingleBean(JdbcTransactionManager.class);
					JdbcTemplate jdbc = context.getBean(JdbcTemplate.class);
					jdbc.execute("create table item (id serial primary key, name text unique)");
					test.accept(new JdbcApplication(jdbc, context.getBean(PlatformTransactionManager.class)));
				});
		}
	}

	/**
	 * An application with JDBC only.
	 */
	private record JdbcApplication(JdbcTemplate jdbc, PlatformTransactionManager manager) {

		void insert(String name) {
			this.jdbc.update("insert into item (name) values (?)", name);
		}

		List<String> names() {
			return this.jdbc.queryForList("select name from item order by id", String.class);
		}

		void transaction(Runnable work) {
			new TransactionTemplate(this.manager).executeWithoutResult((status) -> work.run());
		}

		void nested(Runnable work) {
			template().executeWithoutResult((status) -> work.run());
		}

		void undone(Runnable work) {
			template().executeWithoutResult((status) -> {
				work.run();
				status.setRollbackOnly();
			});
		}

		private TransactionTemplate template() {
			TransactionTemplate template = new TransactionTemplate(this.manager);
			template.setPropagationBehavior(TransactionDefinition.PROPAGATION_NESTED);
			return template;
		}

	}

}
