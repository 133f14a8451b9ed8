// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.sample.ledger;

import java.math.BigDecimal;

import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Isolation;
import org.springframework.transaction.annotation.Transactional;

/**
 * Checks the books: no money may be lost or made, whatever failed in between.
 */
@Service
class LedgerAudit {

	private static final String WRONG_ACCOUNTS = """
			select count(*)
			from account a
			left join (select to_account id, sum(amount) amount from transfer group by 1) received using (id)
			left join (select from_account id, sum(amount) amount from transfer group by 1) sent using (id)
			left join (select account_id id, sum(amount) amount from payment group by 1) paid using (id)
			where a.balance <> a.opening_balance + coalesce(received.amount, 0)
				- coalesce(sent.amount, 0) - coalesce(paid.amount, 0)
			""";

	private final JdbcClient jdbc;

	LedgerAudit(JdbcClient jdbc) {
		this.jdbc = jdbc;
	}

	/**
	 * Compares every balance with what explains it. The statements see the same snapshot,
	 * because the transaction is REPEATABLE READ.
	 * @return what was found
	 */
	@Transactional(readOnly = true, isolation = Isolation.REPEATABLE_READ)
	public LedgerCheck check() {
		BigDecimal total = this.jdbc.sql("select coalesce(sum(balance), 0) from account")
			.query(BigDecimal.class)
			.single();
		long wrong = count(WRONG_ACCOUNTS);
		return new LedgerCheck(count("select count(*) from account"), total, count("select count(*) from transfer"),
				count("select count(*) from payment"), wrong, wrong == 0);
	}

	private long count(String sql) {
		return this.jdbc.sql(sql).query(Long.class).single();
	}

}
