--liquibase formatted sql
-- SPDX-License-Identifier: Apache-2.0

--changeset ledger:orders-search
alter table orders add column search tsvector
  generated always as (to_tsvector('english', summary || ' ' || coalesce(coupon, ''))) stored;
create index orders_search_idx on orders using gin (search);
--rollback alter table orders drop column search;
