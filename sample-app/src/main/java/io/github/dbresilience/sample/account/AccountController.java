// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.sample.account;

import java.net.URI;
import java.util.UUID;

import jakarta.validation.Valid;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;

import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

@RestController
@RequestMapping("/api/accounts")
class AccountController {

	private final AccountService accounts;

	AccountController(AccountService accounts) {
		this.accounts = accounts;
	}

	@PostMapping
	ResponseEntity<Account> open(@Valid @RequestBody NewAccount account) {
		Account opened = this.accounts.open(account);
		return ResponseEntity.created(URI.create("/api/accounts/" + opened.id())).body(opened);
	}

	@PostMapping("/batch")
	@ResponseStatus(HttpStatus.CREATED)
	OpenedAccounts openAll(@Valid @RequestBody NewAccounts accounts) {
		return new OpenedAccounts(this.accounts.openAll(accounts.accounts()));
	}

	@GetMapping("/{id}")
	Account get(@PathVariable UUID id) {
		return this.accounts.get(id);
	}

	@GetMapping
	AccountPage page(@RequestParam(defaultValue = "0") @Min(value = 0, message = "has to be at least 0") int page,
			@RequestParam(defaultValue = "20") @Min(value = 1, message = "has to be at least 1") @Max(value = 100,
					message = "has to be at most 100") int size) {
		return this.accounts.page(page, size);
	}

	/**
	 * What became of a batch.
	 *
	 * @param opened how many accounts were opened
	 */
	record OpenedAccounts(int opened) {
	}

}
