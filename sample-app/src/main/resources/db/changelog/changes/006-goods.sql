--liquibase formatted sql
-- SPDX-License-Identifier: Apache-2.0

--changeset ledger:goods
insert into product (sku, name, description, price, stock) values
  ('ESP-100', 'Espresso machine', 'Two groups, copper boiler', 899.00, 40),
  ('GRD-200', 'Burr grinder', 'Conical steel burrs, 40 settings', 249.50, 120),
  ('KET-300', 'Gooseneck kettle', 'Holds the temperature to a degree', 79.90, 300),
  ('SCL-400', 'Coffee scale', 'Weighs to a tenth of a gram, with a timer', 39.00, 500),
  ('FLT-500', 'Paper filters', 'A hundred, unbleached', 6.50, 20000),
  ('CUP-600', 'Stoneware cup', 'Keeps warm, 180 ml', 14.00, 2000),
  ('BNS-710', 'Beans from Huila', 'Washed, with cherry and caramel, 1 kg', 28.00, 800),
  ('BNS-720', 'Beans from Yirgacheffe', 'Natural, with jasmine and peach, 1 kg', 31.00, 600),
  ('BNS-730', 'Beans without caffeine', 'Sugar cane process, 1 kg', 29.00, 400),
  ('MLK-800', 'Milk pitcher', 'Steel, 350 ml', 19.90, 250),
  ('TMP-900', 'Tamper', 'Walnut and steel, 58 mm', 45.00, 1),
  ('BRS-950', 'Group brush', 'For the evening', 8.00, 0);
insert into coupon (code, percent, valid_until, uses_left) values
  ('WELCOME10', 10, '2100-01-01', 1000000),
  ('HALF50', 50, '2100-01-01', 100),
  ('EXPIRED20', 20, '2020-01-01', 1000),
  ('USEDUP30', 30, '2100-01-01', 0);
--rollback delete from coupon; delete from product;
