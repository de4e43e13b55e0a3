-- The demo shop. Every value comes from the integer hash below and the calendar, never from random(): the rows up to a day are the same
-- whatever the last day is (but for what is still pending or open then), so that a later build only adds days. Integer and decimal arithmetic only: no platform's libm decides a row.
-- The last day is the variable `last_day`.

create temp macro mix(value) as xor(value, value >> 16);
create temp macro hash32(seed, id) as
  mix((mix((mix((id * 2654435761 + seed * 40503 + 12345) % 4294967296) * 73244475) % 4294967296) * 73244475) % 4294967296);
-- A whole number from 0 to n - 1.
create temp macro pick(seed, id, n) as (hash32(seed, id) * n) // 4294967296;
-- A number from 0 to 9,999: ten-thousandths.
create temp macro chance(seed, id) as pick(seed, id, 10000);
-- Small numbers come up more often: the square of an even choice.
create temp macro skewed(seed, id, n) as (chance(seed, id) * chance(seed, id) * n) // 100000000;

create temp table days as
select
  (d - date '2022-01-01')::bigint as day,
  d::date as date,
  -- growth × month × weekday × noise, each in thousandths
  (38 * (1000 + (d - date '2022-01-01') * 11 // 10)
    * [900, 860, 930, 950, 980, 1000, 940, 900, 990, 1040, 1180, 1330][month(d)]
    * [980, 940, 950, 1000, 1120, 1260, 1060][isodow(d)]
    * (920 + pick(1, (d - date '2022-01-01')::bigint, 161))) // 1000000000000 as usual,
  case
    when d between date '2024-05-14' and date '2024-05-16' then 3000 -- the Spring Flash Sale
    when month(d) = 11 and day(d) between 24 and 30 then 1700 -- Cyber Week, every year
    when d = date '2025-02-11' then 150 -- the anomaly: checkout was down for most of the day
    else 1000
  end as factor
from (select unnest(generate_series(date '2022-01-01', getvariable('last_day')::date, interval 1 day))::date as d);

create table customers as
with ids as (
  select i as id, case when i <= 1000 then (i - 1) * 730 // 1000 - 730 else (i - 1001) // 4 end as signed_up_day
  from range(1, (select 1001 + 4 * count(*) from days)::bigint) r(i)
), places as (
  select *, ['Germany', 'France', 'United Kingdom', 'Spain', 'Italy', 'Netherlands', 'United States', 'Canada', 'Mexico', 'Brazil', 'Argentina', 'Japan', 'Australia', 'India', 'Singapore'] as countries,
    [0, 0, 0, 0, 1, 1, 2, 2, 2, 3, 3, 4, 5, 6, 6, 6, 6, 6, 6, 7, 7, 8, 9, 9, 10, 11, 11, 12, 13, 14][pick(2, id, 30) + 1] + 1 as place
  from ids
)
select
  id::integer as id,
  ['Anna', 'Ben', 'Clara', 'David', 'Elena', 'Felix', 'Grace', 'Hugo', 'Ines', 'Jonas', 'Katja', 'Liam', 'Mia', 'Noah', 'Olga', 'Paul', 'Rosa', 'Samir', 'Tara', 'Victor', 'Wei', 'Yuki', 'Zoe', 'Omar'][pick(3, id, 24) + 1]
    || ' ' || ['Adler', 'Brown', 'Costa', 'Dubois', 'Evans', 'Fischer', 'Garcia', 'Hoffman', 'Ito', 'Jensen', 'Khan', 'Lopez', 'Moreau', 'Novak', 'Okafor', 'Patel', 'Quinn', 'Rossi', 'Silva', 'Tanaka', 'Ueda', 'Vogel', 'Weber', 'Young'][pick(4, id, 24) + 1] as name,
  'customer' || id || '@example.com' as email,
  countries[place] as country,
  case when place <= 6 then 'Europe' when place <= 8 then 'North America' when place <= 11 then 'Latin America' else 'Asia Pacific' end as region,
  ['Consumer', 'Consumer', 'Consumer', 'Consumer', 'Consumer', 'Consumer', 'Small Business', 'Small Business', 'Small Business', 'Enterprise'][pick(5, id, 10) + 1] as segment,
  (date '2022-01-01' + signed_up_day::integer) as signed_up_on
from places
order by id;
alter table customers add primary key (id);

create table products as
with kinds as (
  select
    ['Laptops', 'Phones', 'Audio', 'Cameras', 'Home', 'Kitchen', 'Garden', 'Toys', 'Books', 'Sports'] as categories,
    [89900, 59900, 12900, 44900, 7900, 5900, 6900, 2900, 1500, 4900] as cents,
    ['Aurora', 'Nimbus', 'Vertex', 'Cedar', 'Lumen', 'Harbor', 'Pixel', 'Summit', 'Willow', 'Quartz', 'Ember', 'Drift'] as series
), rows as (
  select i::integer as id, (i - 1) % 10 + 1 as kind, (i - 1) // 10 as number from range(1, 121) r(i)
)
select
  id,
  series[number + 1] || ' ' || ['Laptop', 'Phone', 'Headphones', 'Camera', 'Lamp', 'Blender', 'Spade', 'Puzzle', 'Novel', 'Racket'][kind] as name,
  categories[kind] as category,
  (cents[kind] * (60 + pick(6, id, 81)) // 100 / 100)::decimal(10, 2) as unit_price,
  (cents[kind] * (60 + pick(6, id, 81)) // 100 * (45 + pick(7, id, 26)) // 100 / 100)::decimal(10, 2) as unit_cost,
  (date '2021-01-01' + (pick(8, id, 900))::integer) as launched_on,
  chance(9, id) < 600 as discontinued
from rows, kinds
order by id;
alter table products add primary key (id);

create table campaigns as
select * from (values
  (1, 'Spring Flash Sale 2024', 'email', date '2024-05-14', date '2024-05-16', 40000.00::decimal(10, 2)),
  (2, 'Cyber Week 2022', 'search', date '2022-11-24', date '2022-11-30', 25000.00),
  (3, 'Cyber Week 2023', 'search', date '2023-11-24', date '2023-11-30', 30000.00),
  (4, 'Cyber Week 2024', 'social', date '2024-11-24', date '2024-11-30', 36000.00),
  (5, 'Cyber Week 2025', 'social', date '2025-11-24', date '2025-11-30', 42000.00),
  (6, 'Back to School 2023', 'social', date '2023-08-15', date '2023-09-10', 18000.00),
  (7, 'Back to School 2024', 'social', date '2024-08-15', date '2024-09-10', 20000.00),
  (8, 'Back to School 2025', 'email', date '2025-08-15', date '2025-09-10', 22000.00),
  (9, 'New Year Clearance 2023', 'display', date '2023-01-02', date '2023-01-15', 12000.00),
  (10, 'New Year Clearance 2024', 'display', date '2024-01-02', date '2024-01-15', 13000.00),
  (11, 'New Year Clearance 2025', 'display', date '2025-01-02', date '2025-01-15', 14000.00),
  (12, 'Loyalty Drive 2025', 'email', date '2025-03-01', date '2025-06-30', 55000.00)
) c(id, name, channel, started_on, ended_on, budget);
alter table campaigns add primary key (id);

create temp table raw_orders as
with slots as (
  select day, date, day * 10000 + k as slot
  from days, unnest(range(usual * factor // 1000)) u(k)
), chosen as (
  -- Customers 7, 32, 57 … (one in twenty-five) never order: their draw goes to the neighbour.
  -- Of two draws the earlier customer orders: those who are here longer order more.
  select *, least(pick(10, slot, 1000 + 4 * day), pick(29, slot, 1000 + 4 * day)) + 1 as drawn from slots
)
select
  row_number() over (order by slot)::integer as id,
  slot, day, date,
  (case when drawn % 25 = 7 then drawn - 1 else drawn end)::integer as customer_id,
  date::timestamp + (interval 1 minute) * (pick(11, slot, 960) + 420) as ordered_at,
  case when chance(12, slot) < 400 then 'cancelled' when day >= getvariable('last_day')::date - date '2022-01-01' - 2 and chance(13, slot) < 5000 then 'pending' else 'completed' end as status,
  ['web', 'web', 'web', 'web', 'mobile', 'mobile', 'mobile', 'mobile', 'store', 'store'][pick(14, slot, 10) + 1] as channel
from chosen;

create table orders as
select o.id, o.customer_id, c.id::integer as campaign_id, o.ordered_at, o.status, o.channel
from raw_orders o
left join campaigns c on o.date between c.started_on and c.ended_on and chance(15, o.slot) < 4500
qualify row_number() over (partition by o.id order by c.id) = 1
order by o.id;
alter table orders add primary key (id);

create table order_items as
with lines as (
  select o.id as order_id, o.slot, o.date, line, o.slot * 8 + line as key, skewed(16, o.slot * 8 + line, 120) + 1 as drawn
  from raw_orders o, unnest(range(1, 2 + [0, 0, 0, 1, 1, 1, 2, 2, 3, 4][pick(17, o.slot, 10) + 1])) u(line)
), sold as (
  -- The stock-out: from 7 to 20 August 2023 no Audio product (ids ending in 3) could be bought; buyers took the next one.
  select *, case when drawn % 10 = 3 and date between date '2023-08-07' and date '2023-08-20' then drawn + 1 else drawn end as product from lines
)
select
  row_number() over (order by s.key)::integer as id,
  s.order_id,
  p.id as product_id,
  ([1, 1, 1, 1, 1, 1, 2, 2, 3, 4][pick(18, s.key, 10) + 1])::integer as quantity,
  p.unit_price,
  (case when f.factor > 1000 and chance(19, s.key) < 6000 then 20 when chance(19, s.key) < 1500 then 10 else 0 end)::integer as discount_percent,
  (p.unit_price * [1, 1, 1, 1, 1, 1, 2, 2, 3, 4][pick(18, s.key, 10) + 1]
    * (100 - case when f.factor > 1000 and chance(19, s.key) < 6000 then 20 when chance(19, s.key) < 1500 then 10 else 0 end) / 100)::decimal(12, 2) as amount
from sold s
join products p on p.id = s.product
join days f on f.date = s.date
order by s.key;
alter table order_items add primary key (id);

create table returns as
with candidates as (
  select i.id as item_id, i.order_id, i.product_id, i.amount, o.date, (o.date + (3 + pick(20, i.id, 25))::integer) as returned_on, p.category
  from order_items i
  join raw_orders o on o.id = i.order_id
  join products p on p.id = i.product_id
  where o.status = 'completed' and chance(21, i.id) < case p.category when 'Phones' then 900 when 'Laptops' then 750 when 'Audio' then 650 when 'Books' then 150 else 400 end
)
select
  row_number() over (order by item_id)::integer as id, order_id, product_id, returned_on,
  ['damaged', 'wrong item', 'changed mind', 'late delivery', 'defective'][pick(22, item_id, 5) + 1] as reason,
  amount as refund_amount
from candidates
where returned_on <= getvariable('last_day')::date
order by item_id;
alter table returns add primary key (id);

create table support_tickets as
with opened as (
  select o.id as order_id, o.customer_id, o.slot, o.ordered_at + interval 1 hour * (6 + pick(23, o.slot, 160)) as opened_at
  from raw_orders o
  where chance(24, o.slot) < 700
)
select
  row_number() over (order by slot)::integer as id, customer_id, order_id, opened_at,
  case when closed_at < getvariable('last_day')::date + interval 1 day then closed_at end as closed_at,
  ['delivery', 'refund', 'product question', 'payment', 'account'][pick(25, slot, 5) + 1] as topic,
  ['low', 'normal', 'normal', 'high'][pick(26, slot, 4) + 1] as priority,
  case when closed_at < getvariable('last_day')::date + interval 1 day then [1, 2, 3, 3, 4, 4, 4, 5, 5, 5][pick(27, slot, 10) + 1] end::integer as satisfaction
from (select *, opened_at + interval 1 minute * (30 + skewed(28, slot, 7200)) as closed_at from opened)
where opened_at < getvariable('last_day')::date + interval 1 day
order by slot;
alter table support_tickets add primary key (id);

comment on table customers is 'People and companies with an account.';
comment on table products is 'What the shop sells.';
comment on table campaigns is 'Marketing campaigns with their channel and budget.';
comment on table orders is 'One row per order; revenue is in its items.';
comment on table order_items is 'One row per product in an order.';
comment on table returns is 'Items that came back, with the amount refunded.';
comment on table support_tickets is 'Questions and complaints of customers.';
comment on column customers.region is 'Sales region: Europe, North America, Latin America, Asia Pacific.';
comment on column order_items.amount is 'Price paid for the line after the discount.';
comment on column orders.campaign_id is 'Campaign that brought the order; empty where none did.';
comment on column support_tickets.satisfaction is 'From 1 (bad) to 5 (good); empty while the ticket is open.';
