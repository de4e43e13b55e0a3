import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { createSandbox, type Sandbox } from '../sandbox';
import { buildDemo, type BuiltDemo } from '.';
import { flightsAnswers, shopAnswers, shopPlants } from './known-answers';

// The demo data are built once: three million flights take some seconds, and many on a slow machine.
jest.setTimeout(600_000);

const directory = mkdtempSync(path.join(tmpdir(), 'demo-'));
let sandbox: Sandbox;
let shop: BuiltDemo;
let flights: BuiltDemo;

const ask = async (file: string, sql: string) =>
  (await sandbox.runQuery({ file, sql, maxRows: 100, maxBytes: 1_000_000, timeoutMs: 60_000 })).rows;

beforeAll(async () => {
  sandbox = createSandbox({ warm: false });
  [shop, flights] = await Promise.all([
    buildDemo('shop', { directory, now: new Date('2025-10-15T12:00:00Z') }),
    buildDemo('flights', { directory, now: new Date('2025-10-15T12:00:00Z') }),
  ]);
});

afterAll(async () => {
  await sandbox.close();
  rmSync(directory, { recursive: true, force: true });
});

it.each(shopAnswers)('knows the shop’s answer: $question', async ({ sql, rows }) => {
  expect(await ask(shop.file, sql)).toEqual(rows);
});

it.each(flightsAnswers)('knows the flights’ answer: $question', async ({ sql, rows }) => {
  expect(await ask(flights.file, sql)).toEqual(rows);
});

it('has the planted promotion, stock-out and anomaly', async () => {
  const perDay = (from: string, to: string) =>
    ask(
      shop.file,
      `select count(*) from orders where ordered_at::date between '${from}' and '${to}' group by ordered_at::date order by ordered_at::date`,
    );
  const { promotion, stockOut, anomaly } = shopPlants;
  expect((await perDay('2024-05-13', '2024-05-17')).flat()).toEqual([promotion.dayBefore, ...promotion.ordersPerDay, promotion.dayAfter]);
  expect((await perDay('2025-02-10', '2025-02-12')).flat()).toEqual([anomaly.dayBefore, anomaly.orders, anomaly.dayAfter]);
  const audio = `select count(*) from order_items i join orders o on o.id = i.order_id join products p on p.id = i.product_id where p.category = '${stockOut.category}'`;
  expect(await ask(shop.file, `${audio} and o.ordered_at::date between '${stockOut.from}' and '${stockOut.to}'`)).toEqual([[0]]);
  expect((await ask(shop.file, `${audio} and o.ordered_at::date between '2023-07-24' and '2023-08-06'`))[0]![0]).toBeGreaterThan(100);
});

it('ends on the day before and has some customers who never ordered', async () => {
  expect(await ask(shop.file, 'select max(ordered_at)::date from orders')).toEqual([['2025-10-14']]);
  expect(await ask(shop.file, 'select count(*) from customers c join orders o on o.customer_id = c.id where c.id % 25 = 7')).toEqual([[0]]);
});

it('adds days without changing the days before, and removes the older file', async () => {
  const closed =
    "select count(*), sum(o.customer_id), sum(i.amount) from orders o join order_items i on i.order_id = o.id where o.ordered_at < date '2025-10-01'";
  const before = await ask(shop.file, closed);
  const later = await buildDemo('shop', { directory, now: new Date('2025-11-02T00:30:00Z') });
  expect(later.version).not.toBe(shop.version);
  expect(await ask(later.file, closed)).toEqual(before);
  expect(readdirSync(directory).filter((entry) => entry.startsWith('shop'))).toEqual([path.basename(later.file)]);
});

it('does not build what is there already', async () => {
  const again = await buildDemo('flights', { directory, now: new Date(), signal: AbortSignal.abort() });
  expect(again.file).toBe(flights.file);
});
