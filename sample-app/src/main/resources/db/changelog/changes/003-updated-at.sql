--liquibase formatted sql
-- SPDX-License-Identifier: Apache-2.0

--changeset ledger:updated-at splitStatements:false
create function touch_updated_at() returns trigger language plpgsql as $$
begin
  new.updated_at := clock_timestamp();
  return new;
end
$$;
create trigger account_updated_at before update on account for each row execute function touch_updated_at();
create trigger product_updated_at before update on product for each row execute function touch_updated_at();
create trigger coupon_updated_at before update on coupon for each row execute function touch_updated_at();
create trigger orders_updated_at before update on orders for each row execute function touch_updated_at();
--rollback drop function touch_updated_at() cascade;
