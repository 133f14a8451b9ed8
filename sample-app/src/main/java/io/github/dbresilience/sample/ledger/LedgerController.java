// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.sample.ledger;

import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

@RestController
class LedgerController {

	private final LedgerAudit audit;

	LedgerController(LedgerAudit audit) {
		this.audit = audit;
	}

	@GetMapping("/api/ledger/check")
	LedgerCheck check() {
		return this.audit.check();
	}

}
