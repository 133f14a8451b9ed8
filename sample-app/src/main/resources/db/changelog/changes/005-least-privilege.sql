--liquibase formatted sql
-- SPDX-License-Identifier: Apache-2.0

-- The rights that the application needs when it does not own its tables. Roles belong to the
-- whole server: another database may have made this one, and not every user may make roles.
-- What cannot be done now is tried again at the next start.

--changeset ledger:role-ledger-app splitStatements:false
--preconditions onFail:CONTINUE onFailMessage:"The role ledger_app was not created, because this user may not create roles. Ask an administrator for: CREATE ROLE ledger_app NOLOGIN"
--precondition-sql-check expectedResult:t select rolsuper or rolcreaterole or exists (select from pg_roles where rolname = 'ledger_app') from pg_roles where rolname = current_user
do $$
begin
  create role ledger_app nologin;
exception
  when duplicate_object or unique_violation then
    raise notice 'the role ledger_app is there already';
end
$$;
--rollback empty

--changeset ledger:grants-ledger-app splitStatements:false
--preconditions onFail:CONTINUE onFailMessage:"The role ledger_app got no rights, because it is not there"
--precondition-sql-check expectedResult:1 select count(*) from pg_roles where rolname = 'ledger_app'
do $$
begin
  execute format('grant usage on schema %I to ledger_app', current_schema());
end
$$;
grant select, insert on account, transfer, orders, order_line, payment, coupon_redemption to ledger_app;
grant update (balance) on account to ledger_app;
grant select, update (stock) on product to ledger_app;
grant select, update (uses_left) on coupon to ledger_app;
grant update (discount, coupon_refusal) on orders to ledger_app;
--rollback revoke all on account, transfer, orders, order_line, payment, coupon_redemption, product, coupon from ledger_app;
