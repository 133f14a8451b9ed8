--liquibase formatted sql
-- SPDX-License-Identifier: Apache-2.0

--changeset ledger:account
create table account (
  id uuid primary key,
  owner text not null constraint account_owner_length check (length(owner) between 1 and 100),
  opening_balance numeric(19, 2) not null constraint account_opening_not_negative check (opening_balance >= 0),
  balance numeric(19, 2) not null constraint account_balance_not_negative check (balance >= 0),
  created_at timestamptz not null default clock_timestamp(),
  updated_at timestamptz not null default clock_timestamp()
);
create index account_owner_idx on account (owner);
create index account_created_idx on account (created_at, id);
--rollback drop table account;

--changeset ledger:transfer
create table transfer (
  id uuid primary key,
  from_account uuid not null references account,
  to_account uuid not null references account,
  amount numeric(19, 2) not null constraint transfer_amount_positive check (amount > 0),
  created_at timestamptz not null default clock_timestamp(),
  constraint transfer_two_accounts check (from_account <> to_account)
);
create index transfer_from_idx on transfer (from_account, created_at);
create index transfer_to_idx on transfer (to_account, created_at);
create index transfer_created_idx on transfer (created_at);
--rollback drop table transfer;
