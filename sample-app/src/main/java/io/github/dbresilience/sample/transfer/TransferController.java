// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.sample.transfer;

import java.net.URI;
import java.util.UUID;

import io.github.dbresilience.sample.problem.InvalidInputException;
import jakarta.validation.Valid;

import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

@RestController
@RequestMapping("/api/transfers")
class TransferController {

	private final TransferService transfers;

	TransferController(TransferService transfers) {
		this.transfers = transfers;
	}

	@PostMapping
	ResponseEntity<Transfer> transfer(@Valid @RequestBody NewTransfer transfer) {
		if (transfer.from().equals(transfer.to())) {
			throw new InvalidInputException("to", "has to be another account than from");
		}
		Transfer done = this.transfers.transfer(transfer);
		return ResponseEntity.created(URI.create("/api/transfers/" + done.id())).body(done);
	}

	@GetMapping("/{id}")
	Transfer get(@PathVariable UUID id) {
		return this.transfers.get(id);
	}

}
