/** The rows that the contract's tests expect in every engine: three customers, five orders. */
export const contractTables = ({
  integer,
  text,
  decimal,
  timestamp,
  tail = '',
}: {
  integer: string;
  text: string;
  decimal: string;
  timestamp: string;
  tail?: string;
}): string[] => [
  `create table customers (id ${integer} ${tail === '' ? 'primary key' : ''}, name ${text}, region ${text}) ${tail}`,
  `create table orders (id ${integer} ${tail === '' ? 'primary key' : ''}, customer_id ${integer}, amount ${decimal}, ordered_at ${timestamp}) ${tail}`,
  "insert into customers values (1, 'Ada', 'Europe'), (2, 'Grace', 'America'), (3, 'O''Hara', 'Europe')",
  "insert into orders values (10, 1, 10.50, '2024-01-05 10:00:00'), (11, 1, 20.00, '2024-01-20 11:30:00'), (12, 2, 5.25, '2024-02-01 00:00:00'), (13, 2, 100.00, '2024-02-15 08:00:00'), (14, 2, 1.00, '2024-03-01 09:00:00')",
];
