import { createSemanticEngine, type QueryTree } from '.';
import { bakery } from './testing/bakery';
import { bakeryModel } from './testing/bakery-model';

const now = new Date('2024-11-20T12:00:00Z');
const engine = createSemanticEngine(bakery(), bakeryModel());

/** Asks one after the other, each as a follow-up of the one before; answers the last SQL on one line. */
function converse(...turns: string[]): string {
  const history: QueryTree[] = [];
  let sql: string | null = null;
  for (const turn of turns) {
    const generation = engine.generate(turn, {
      now,
      ...(history.length > 0 ? { lastTree: history.at(-1)!, history: history.slice(0, -1) } : {}),
    });
    sql = generation.sql;
    if (generation.tree) history.push(generation.tree);
  }
  return (sql ?? 'null').replace(/\s+/g, ' ');
}

const start = 'total revenue by month in 2024';

it.each([
  ['adds a condition', [start, 'only Ulm'], "shops.town = 'Ulm'"],
  ['takes another value of the same column', [start, 'only Ulm', 'what about Bonn'], "shops.town = 'Bonn'"],
  ['takes one more value of the same column', [start, 'only Ulm', 'and also Bonn'], "shops.town IN ('Ulm', 'Bonn')"],
  ['leaves a value out', [start, 'without Ulm'], "shops.town != 'Ulm'"],
  ['cuts time otherwise', [start, 'by week instead'], "date_trunc('week', sold_at)"],
  ['keeps the best', [start, 'and the top 3'], 'ORDER BY SUM(amount) DESC LIMIT 3'],
  [
    'moves to another period',
    [start, 'same for last year'],
    "sold_at >= TIMESTAMP '2023-01-01 00:00:00' AND sold_at < TIMESTAMP '2024-01-01 00:00:00'",
  ],
  [
    'moves by one period',
    [start, 'the year before'],
    "sold_at >= TIMESTAMP '2023-01-01 00:00:00' AND sold_at < TIMESTAMP '2024-01-01 00:00:00'",
  ],
  ['splits by something else', [start, 'by town instead'], 'SELECT shops.town, SUM(sales.amount) AS revenue'],
  [
    'splits further',
    [start, 'and by town'],
    'CAST(date_trunc(\'month\', sales.sold_at) AS DATE) AS "month", shops.town, SUM(sales.amount) AS revenue',
  ],
  ['measures something else', [start, 'show large revenue instead'], 'AND quantity >= 3'],
  ['shows a share', ['revenue by town', 'as a share of total'], 'SUM(revenue) OVER ()'],
  ['drops a condition', [start, 'only Ulm', 'remove the town filter'], 'FROM sales WHERE sold_at >='],
  ['counts the rows of a list', ['shops in Ulm', 'how many are there?'], "SELECT COUNT(*) AS shops_count FROM shops WHERE town = 'Ulm'"],
  ['shows other columns of a list', ['shops in Ulm', 'show their seats'], "SELECT seats FROM shops WHERE town = 'Ulm'"],
  ['relates a list', ['shops in Ulm', 'which never had complaints'], "town = 'Ulm' AND id NOT IN (SELECT shop_id FROM complaints"],
  ['goes back', [start, 'only Ulm', 'undo'], "FROM sales WHERE sold_at >= TIMESTAMP '2024-01-01 00:00:00'"],
  ['reads a question of its own afresh', [start, 'how many people are there?'], 'SELECT COUNT(*) AS people_count FROM people'],
] as [string, string[], string][])('%s', (_, turns, expected) => {
  expect(converse(...turns)).toContain(expected);
});

it('answers “why?” with the same query and its clauses', () => {
  const first = engine.generate(start, { now });
  const why = engine.generate('why?', { now, lastTree: first.tree! });
  expect(why.sql).toBe(first.sql);
  expect(why.explanation).toBe(first.explanation);
});

it('is no edit when nothing of it concerns the last query', () => {
  const first = engine.generate(start, { now });
  expect(engine.edit(first.tree!, 'sing me a song', { now })).toBeNull();
});
