--liquibase formatted sql
-- SPDX-License-Identifier: Apache-2.0

--changeset ledger:product
create table product (
  sku text primary key,
  name text not null,
  description text not null default '',
  price numeric(12, 2) not null constraint product_price_not_negative check (price >= 0),
  stock integer not null constraint product_stock_not_negative check (stock >= 0),
  created_at timestamptz not null default clock_timestamp(),
  updated_at timestamptz not null default clock_timestamp()
);
create index product_name_idx on product (name, sku);
create index product_low_stock_idx on product (stock) where stock < 10;
--rollback drop table product;

--changeset ledger:coupon
create table coupon (
  code text primary key,
  percent integer not null constraint coupon_percent_range check (percent between 1 and 100),
  valid_until timestamptz not null,
  uses_left integer not null constraint coupon_uses_not_negative check (uses_left >= 0),
  created_at timestamptz not null default clock_timestamp(),
  updated_at timestamptz not null default clock_timestamp()
);
create index coupon_usable_idx on coupon (valid_until) where uses_left > 0;
--rollback drop table coupon;

--changeset ledger:orders
create table orders (
  id uuid primary key,
  account_id uuid not null references account,
  -- What the client gave, known or not: hence no reference.
  coupon text,
  coupon_refusal text,
  discount numeric(19, 2) not null default 0 constraint orders_discount_not_negative check (discount >= 0),
  summary text not null,
  created_at timestamptz not null default clock_timestamp(),
  updated_at timestamptz not null default clock_timestamp()
);
create index orders_account_idx on orders (account_id, created_at);
create index orders_created_idx on orders (created_at desc, id);
create table order_line (
  order_id uuid not null references orders,
  sku text not null references product,
  name text not null,
  quantity integer not null constraint order_line_quantity_positive check (quantity > 0),
  unit_price numeric(12, 2) not null constraint order_line_price_not_negative check (unit_price >= 0),
  primary key (order_id, sku)
);
create index order_line_sku_idx on order_line (sku);
create table payment (
  order_id uuid primary key references orders,
  account_id uuid not null references account,
  amount numeric(19, 2) not null constraint payment_amount_not_negative check (amount >= 0),
  created_at timestamptz not null default clock_timestamp()
);
create index payment_account_idx on payment (account_id, created_at);
create table coupon_redemption (
  coupon text not null references coupon,
  account_id uuid not null references account,
  order_id uuid not null references orders,
  created_at timestamptz not null default clock_timestamp(),
  -- Once for each account.
  primary key (coupon, account_id)
);
create index coupon_redemption_account_idx on coupon_redemption (account_id);
create index coupon_redemption_order_idx on coupon_redemption (order_id);
--rollback drop table coupon_redemption, payment, order_line, orders;
