// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.transaction;

import java.util.Map;

import org.hibernate.boot.registry.StandardServiceInitiator;
import org.hibernate.boot.registry.StandardServiceRegistryBuilder;
import org.hibernate.resource.transaction.backend.jdbc.internal.JdbcResourceLocalTransactionCoordinatorBuilderImpl;
import org.hibernate.resource.transaction.internal.TransactionCoordinatorBuilderInitiator;
import org.hibernate.resource.transaction.spi.TransactionCoordinatorBuilder;
import org.hibernate.service.spi.ServiceContributor;
import org.hibernate.service.spi.ServiceRegistryImplementor;

/**
 * Found by Hibernate. Puts our transaction coordinator around Hibernate's own where
 * {@link #ENABLED} is set; JTA and a coordinator of the user's stay as they are.
 */
public final class SavepointServiceContributor implements ServiceContributor {

	/**
	 * The setting of a persistence unit that asks for savepoints.
	 */
	public static final String ENABLED = "io.github.dbresilience.savepoints";

	@Override
	public void contribute(StandardServiceRegistryBuilder serviceRegistryBuilder) {
		serviceRegistryBuilder.addInitiator(new Initiator());
	}

	private static final class Initiator implements StandardServiceInitiator<TransactionCoordinatorBuilder> {

		@Override
		public TransactionCoordinatorBuilder initiateService(Map<String, Object> settings,
				ServiceRegistryImplementor registry) {
			TransactionCoordinatorBuilder builder = TransactionCoordinatorBuilderInitiator.INSTANCE
				.initiateService(settings, registry);
			boolean wanted = Boolean.TRUE.equals(settings.get(ENABLED))
					&& builder.getClass() == JdbcResourceLocalTransactionCoordinatorBuilderImpl.class;
			return wanted ? new SavepointTransactionCoordinatorBuilder(builder) : builder;
		}

		@Override
		public Class<TransactionCoordinatorBuilder> getServiceInitiated() {
			return TransactionCoordinatorBuilder.class;
		}

	}

}
