import { DuckDBInstance } from '@duckdb/node-api';

/** The rows behind `bakery()`: small, made by rule, and the same every time. */
export const bakeryStatements = `
create table people as select i as id, case i when 1 then 'Ada Kern' when 2 then 'Jo Lind' else 'Person ' || i end as full_name, date '1960-01-01' + (i * 200)::int as birth_date,
  (1800 + (i * 37) % 4600)::decimal(10, 2) as salary, case when i % 4 = 0 then null else 'p' || i || '@example.com' end as email from range(1, 81) t(i);
create table shops as select i as id, case i when 1 then 'Sunrise' when 2 then 'Old Mill' when 3 then 'Corner Crust' else 'Shop ' || i end as name, ['Ulm', 'Bonn', 'Saint-Lô'][1 + i % 3] as town,
  date '1990-03-01' + (i * 900)::int as opened, (i * 5) % 61 as seats, i as manager_id, 1 + (i * 7) % 80 as owner_id from range(1, 13) t(i);
create table breads as select i as id, case i when 1 then 'Rye Loaf' when 2 then 'Baguette' when 3 then 'Brioche' else 'Bread ' || i end as title, ['rye', 'wheat', 'spelt'][1 + i % 3] as flour, (1 + (i * 13) % 80 / 10.0)::decimal(6, 2) as price from range(1, 26) t(i);
create table sales as select i as id, 1 + (i * i) % 11 as shop_id, 1 + (i * 7 + i // 9) % 23 as bread_id, timestamp '2023-01-01 08:00:00' + interval (i * 5) hour as sold_at, 1 + i % 4 as quantity,
  ((1 + i % 4) * (1 + (i * 13) % 80 / 10.0))::decimal(10, 2) as amount from range(1, 3001) t(i);
create table complaints as select i as id, case when i % 10 = 0 then null else 1 + (i * 3) % 7 end as shop_id, ['late', 'stale', 'rude'][1 + i % 3] as reason, date '2024-01-01' + (i * 3)::int as filed_on from range(1, 91) t(i);
create table recipes as select 1 + i % 25 as bread_id, 1 + i % 80 as person_id from range(1, 41) t(i);
`;

export interface TestDatabase {
  rows(sql: string): Promise<unknown[][]>;
  close(): void;
}

export async function bakeryDatabase(): Promise<TestDatabase> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  await connection.run(bakeryStatements);
  return {
    rows: async (sql) => (await connection.runAndReadAll(sql)).getRowsJson() as unknown[][],
    close: () => {
      connection.closeSync();
      instance.closeSync();
    },
  };
}
