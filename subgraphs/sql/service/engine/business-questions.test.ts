import { createSemanticEngine } from '.';
import { bakery } from './testing/bakery';
import { bakeryDatabase, type TestDatabase } from './testing/bakery-database';
import { bakeryModel } from './testing/bakery-model';

const now = new Date('2024-11-20T12:00:00Z');
const engine = createSemanticEngine(bakery(), bakeryModel());
let database: TestDatabase;

beforeAll(async () => {
  database = await bakeryDatabase();
});
afterAll(() => database.close());

const rowsOf = async (sql: string): Promise<string[]> => (await database.rows(sql)).map((row) => row.map(String).join(' | '));
const sorted = (rows: string[], ordered: boolean): string[] => (ordered ? rows : [...rows].sort());

const join = 'from sales s join shops h on h.id = s.shop_id join breads b on b.id = s.bread_id';
const cases: [question: string, expected: string][] = [
  ['How many shops are there?', 'select count(*) from shops'],
  [
    'total revenue by month in 2024',
    "select date_trunc('month', sold_at)::date, sum(amount) from sales where sold_at >= '2024-01-01' and sold_at < '2025-01-01' group by 1 order by 1",
  ],
  [
    'top 3 breads by revenue in Ulm last quarter',
    `select b.title, sum(s.amount) ${join} where h.town = 'Ulm' and sold_at >= '2024-07-01' and sold_at < '2024-10-01' group by b.id, b.title order by 2 desc limit 3`,
  ],
  ['average salary of people', 'select avg(salary) from people'],
  ['revenue by town, worst first', `select h.town, sum(s.amount) ${join} group by 1 order by 2`],
  [
    'which shops have never had a complaint?',
    'select name from shops where id not in (select shop_id from complaints where shop_id is not null)',
  ],
  ['shops without sales', 'select name from shops where id not in (select shop_id from sales)'],
  [
    'shops with more than 10 complaints',
    'select name from shops where id in (select shop_id from complaints group by 1 having count(*) > 10)',
  ],
  [
    'shops in Ulm with at least 3 complaints and revenue over 1000',
    `select h.name, sum(s.amount) ${join} where h.town = 'Ulm' and h.id in (select shop_id from complaints group by 1 having count(*) >= 3) group by h.id, h.name having sum(s.amount) > 1000`,
  ],
  [
    'towns with revenue above 50 in 2024',
    `select h.town, sum(s.amount) ${join} where sold_at >= '2024-01-01' and sold_at < '2025-01-01' group by 1 having sum(s.amount) > 50`,
  ],
  [
    'breads of rye with revenue below 100 in 2024',
    `select b.title, sum(s.amount) ${join} where b.flour = 'rye' and sold_at >= '2024-01-01' and sold_at < '2025-01-01' group by b.id, b.title having sum(s.amount) < 100`,
  ],
  ['breads cheaper than 3', 'select title from breads where price < 3'],
  ['breads with price between 2 and 4', 'select title from breads where price between 2 and 4'],
  ['the 3 most expensive breads', 'select title from breads order by price desc limit 3'],
  ['revenue of rye and spelt breads', `select sum(s.amount) ${join} where b.flour in ('rye', 'spelt')`],
  ['revenue not in Ulm', `select sum(s.amount) ${join} where h.town <> 'Ulm'`],
  ['people without an email', 'select full_name from people where email is null'],
  ['people whose name starts with Jo', "select full_name from people where full_name like 'Jo%'"],
  ['number of shops per town', 'select town, count(*) from shops group by 1'],
  ['towns with more than 3 shops', 'select town from shops group by town having count(*) > 3'],
  ['large revenue by flour', `select b.flour, sum(s.amount) ${join} where s.quantity >= 3 group by 1`],
  ['share of revenue by town', `select town, r, r / sum(r) over () from (select h.town, sum(s.amount) r ${join} group by 1)`],
  [
    'running total of revenue by month in 2023',
    "select m, r, sum(r) over (order by m) from (select date_trunc('month', sold_at)::date m, sum(amount) r from sales where sold_at < '2024-01-01' group by 1) order by 1",
  ],
  [
    'monthly revenue growth in 2024',
    "select m, r, (r - lag(r) over (order by m)) / lag(r) over (order by m) from (select date_trunc('month', sold_at)::date m, sum(amount) r from sales where sold_at >= '2024-01-01' group by 1) order by 1",
  ],
  [
    'top 2 breads by revenue in each town',
    `select title, town, r from (select b.title, h.town, sum(s.amount) r, row_number() over (partition by h.town order by sum(s.amount) desc) p ${join} group by b.id, b.title, h.town) where p <= 2 order by town, r desc`,
  ],
  [
    'shops with revenue above average',
    `select name, r from (select h.name, sum(s.amount) r ${join} group by h.id, h.name) where r > (select avg(r) from (select sum(amount) r from sales group by shop_id))`,
  ],
  [
    'complaint rate by town',
    'select town, coalesce(c, 0) / n from (select h.town, count(*) n from sales s join shops h on h.id = s.shop_id group by 1) left join (select h.town, count(*) c from complaints x join shops h on h.id = x.shop_id group by 1) using (town)',
  ],
  ['number of sales in the last 30 days', "select count(*) from sales where sold_at >= '2024-10-22' and sold_at < '2024-11-21'"],
  ['how many complaints since March 2024', "select count(*) from complaints where filed_on >= '2024-03-01'"],
  ['revenu by twon', `select h.town, sum(s.amount) ${join} group by 1`],
  [
    'number of shops by manager',
    'select p.full_name, count(*) from shops h join people p on p.id = h.manager_id group by p.id, p.full_name',
  ],
  [
    'ratio of complaints to sales by town',
    'select town, coalesce(c, 0) / n from (select h.town, count(*) n from sales s join shops h on h.id = s.shop_id group by 1) left join (select h.town, count(*) c from complaints x join shops h on h.id = x.shop_id group by 1) using (town)',
  ],
  ['ratio of rye breads to wheat breads', "select count(*) filter (flour = 'rye') / count(*) filter (flour = 'wheat') from breads"],
  ['ratio of amount to quantity for each sale', 'select id, amount / quantity from sales'],
  [
    'which shops sold Rye Loaf in 2024',
    "select name from shops where id in (select shop_id from sales s join breads b on b.id = s.bread_id where b.title = 'Rye Loaf' and sold_at >= '2024-01-01' and sold_at < '2025-01-01')",
  ],
];

it.each(cases)('%s', async (question, expected) => {
  const { sql } = engine.generate(question, { now });
  expect(sql).not.toBeNull();
  const ordered = / order by [^)]*$/.test(expected);
  expect(sorted(await rowsOf(sql!), ordered)).toEqual(sorted(await rowsOf(expected), ordered));
});

it('says what it did not understand, with the nearest names, and writes no SQL', () => {
  const { sql, clarification, confidence } = engine.generate('what is the weather on Mars', { now });
  expect(sql).toBeNull();
  expect(confidence).toBe(0);
  expect(clarification?.notUnderstood).toEqual(['weather', 'Mars']);
});

it('lists words of the question that the query does not use, and is less sure for it', () => {
  const plain = engine.generate('revenue by town', { now });
  const odd = engine.generate('purple revenue by town', { now });
  expect(odd.unusedWords).toEqual(['purple']);
  expect(odd.confidence).toBeLessThan(plain.confidence);
});

it('explains each clause with the words that it came from', () => {
  const { interpretation, explanation, tablesUsed } = engine.generate('top 3 breads by revenue in Ulm', { now });
  expect(interpretation).toContainEqual({ words: 'Ulm', clause: 'only: town is “Ulm”' });
  expect(explanation).toContain('evenue for each bread title, where town is “Ulm”');
  expect([...tablesUsed].sort()).toEqual(['breads', 'sales', 'shops']);
});

it('uses only the tables that the caller allows', () => {
  expect(engine.generate('how many complaints', { now, tables: ['shops'] }).sql).toBeNull();
});

it('suggests questions that it can answer itself', () => {
  const suggestions = engine.suggestions('revenue', 5);
  expect(suggestions.length).toBeGreaterThan(2);
  for (const { question } of suggestions) expect(engine.generate(question, { now }).sql).not.toBeNull();
});
