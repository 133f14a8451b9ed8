// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.transaction;

import java.util.List;
import java.util.Map;

import io.github.dbresilience.transaction.SavepointEntities.Account;
import org.hibernate.FlushMode;
import org.hibernate.Session;
import org.hibernate.boot.spi.SessionFactoryOptions;
import org.hibernate.cache.cfg.spi.DomainDataRegionBuildingContext;
import org.hibernate.cache.cfg.spi.DomainDataRegionConfig;
import org.hibernate.cache.spi.support.DomainDataStorageAccess;
import org.hibernate.cache.spi.support.RegionFactoryTemplate;
import org.hibernate.cache.spi.support.StorageAccess;
import org.hibernate.engine.spi.SessionFactoryImplementor;
import org.hibernate.event.spi.EventType;
import org.hibernate.event.spi.PostCommitInsertEventListener;
import org.hibernate.event.spi.PostInsertEvent;
import org.hibernate.persister.entity.EntityPersister;
import org.hibernate.resource.transaction.backend.jdbc.internal.JdbcResourceLocalTransactionCoordinatorBuilderImpl;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import org.springframework.orm.jpa.JpaTransactionManager;
import org.springframework.transaction.NestedTransactionNotSupportedException;
import org.springframework.transaction.support.AbstractPlatformTransactionManager;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Where a savepoint could not be right, it is refused, and the transaction around stays
 * as it was.
 */
@Timeout(60)
class SavepointRefusalTests {

	private static final String SETTING = "spring.jpa.properties.hibernate.";

	@Test
	void aSecondLevelCacheIsRefused() {
		try (JpaApplication application = new JpaApplication(List.of(),
				SETTING + "cache.region.factory_class=" + EmptyRegionFactory.class.getName())) {
			refused(application, "second-level cache");
		}
	}

	@Test
	void aTransactionCoordinatorOfTheUsersIsRefused() {
		try (JpaApplication application = new JpaApplication(List.of(),
				SETTING + "transaction.coordinator_class=" + OwnCoordinatorBuilder.class.getName())) {
			refused(application, "transaction coordinator");
		}
	}

	@Test
	void postCommitListenersAreRefused() {
		try (JpaApplication application = JpaApplication.start()) {
			application.entityManager()
				.getEntityManagerFactory()
				.unwrap(SessionFactoryImplementor.class)
				.getEventEngine()
				.getListenerRegistry()
				.appendListeners(EventType.POST_COMMIT_INSERT, new CommitListener());
			refused(application, "post-commit listeners");
		}
	}

	@Test
	void flushModeManualIsRefused() {
		try (JpaApplication application = JpaApplication.start()) {
			application.transaction((status) -> {
				Session session = application.entityManager().unwrap(Session.class);
				session.setHibernateFlushMode(FlushMode.MANUAL);
				assertThatExceptionOfType(NestedTransactionNotSupportedException.class)
					.isThrownBy(() -> application.undone(() -> {
					}))
					.withMessageContaining("flush mode MANUAL");
			});
		}
	}

	@Test
	void aTransactionManagerWithoutSynchronizationIsRefused() {
		try (JpaApplication application = JpaApplication.start()) {
			((JpaTransactionManager) application.transactionManager())
				.setTransactionSynchronization(AbstractPlatformTransactionManager.SYNCHRONIZATION_NEVER);
			application.transaction((status) -> assertThatExceptionOfType(NestedTransactionNotSupportedException.class)
				.isThrownBy(status::createSavepoint)
				.withMessageContaining("synchronization is off"));
		}
	}

	private static void refused(JpaApplication application, String reason) {
		application.transaction((status) -> {
			application.entityManager().persist(new Account(1, "outer"));
			assertThatExceptionOfType(NestedTransactionNotSupportedException.class)
				.isThrownBy(
						() -> application.nested((inner) -> application.entityManager().persist(new Account(2, "no"))))
				.withMessageContaining(reason)
				.withMessageContaining("REQUIRES_NEW");
		});
		assertThat(application.accounts()).containsExactly("outer");
	}

	/**
	 * A second-level cache that nothing is put in.
	 */
	public static class EmptyRegionFactory extends RegionFactoryTemplate {

		private static final long serialVersionUID = 1;

		@Override
		protected DomainDataStorageAccess createDomainDataStorageAccess(DomainDataRegionConfig config,
				DomainDataRegionBuildingContext context) {
			throw new UnsupportedOperationException();
		}

		@Override
		protected StorageAccess createQueryResultsRegionStorageAccess(String region,
				SessionFactoryImplementor sessionFactory) {
			throw new UnsupportedOperationException();
		}

		@Override
		protected StorageAccess createTimestampsRegionStorageAccess(String region,
				SessionFactoryImplementor sessionFactory) {
			throw new UnsupportedOperationException();
		}

		@Override
		protected void prepareForUse(SessionFactoryOptions settings, Map<String, Object> configValues) {
		}

		@Override
		protected void releaseFromUse() {
		}

	}

	/**
	 * A coordinator that the user has chosen.
	 */
	public static class OwnCoordinatorBuilder extends JdbcResourceLocalTransactionCoordinatorBuilderImpl {

		private static final long serialVersionUID = 1;

	}

	private static final class CommitListener implements PostCommitInsertEventListener {

		private static final long serialVersionUID = 1;

		@Override
		public void onPostInsert(PostInsertEvent event) {
		}

		@Override
		public void onPostInsertCommitFailed(PostInsertEvent event) {
		}

		@Override
		public boolean requiresPostCommitHandling(EntityPersister persister) {
			return true;
		}

	}

}
