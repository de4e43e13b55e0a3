import { bakery } from '../testing/bakery';
import { bakeryModel } from '../testing/bakery-model';
import { compileSchema } from '../schema/compile';
import { dialects, type Dialect } from '../catalog';
import type { QueryTree } from '../tree';
import { renderTree } from './renderer';

const schema = compileSchema(bakery(), bakeryModel());
const column = (table: string, name: string) => ({ kind: 'column' as const, table, column: name });
const base = { sort: [], distinct: false, through: [], fanOut: 'safe' as const };
const oneLine = (tree: QueryTree, dialect: Dialect = 'duckdb') => renderTree(schema, tree, { dialect }).sql.replace(/\s+/g, ' ');

it('escapes values and names in every dialect', () => {
  const odd = {
    ...bakery(),
    tables: [
      {
        name: 'odd "t`able',
        primaryKey: [],
        foreignKeys: [],
        columns: [{ name: 'se"le`ct', declaredType: 'text', type: 'text' as const }],
      },
    ],
  };
  const strange = compileSchema(odd, { version: 1, entities: [], joins: [], metrics: [], policies: [] });
  const tree: QueryTree = {
    ...base,
    show: [{ expression: column('odd "t`able', 'se"le`ct') }],
    where: {
      kind: 'compare',
      operator: '=',
      left: column('odd "t`able', 'se"le`ct'),
      right: { kind: 'literal', value: "a'; drop table x; --\\", type: 'text' },
    },
  };
  for (const dialect of dialects) {
    const { sql } = renderTree(strange, tree, { dialect });
    const backtick = ['mysql', 'clickhouse', 'spark', 'bigquery'].includes(dialect);
    expect(sql).toContain(backtick ? '`se"le``ct`' : '"se""le`ct"');
    expect(sql).toContain(backtick ? "'a\\'; drop table x; --\\\\'" : "'a''; drop table x; --\\'");
  }
});

it('cuts time in the words of each dialect', () => {
  const tree: QueryTree = {
    ...base,
    show: [
      { expression: { kind: 'bucket', grain: 'month', of: column('sales', 'sold_at') } },
      { expression: { kind: 'aggregate', fn: 'sum', of: column('sales', 'amount') } },
    ],
  };
  const written = Object.fromEntries(dialects.map((dialect) => [dialect, /SELECT (.*?) AS .?month/.exec(oneLine(tree, dialect))![1]]));
  expect(written).toEqual({
    duckdb: "CAST(date_trunc('month', sold_at) AS DATE)",
    postgresql: "CAST(date_trunc('month', sold_at) AS DATE)",
    sqlite: "strftime('%Y-%m-01', sold_at)",
    mysql: "DATE(DATE_FORMAT(sold_at, '%Y-%m-01'))",
    clickhouse: 'toStartOfMonth(sold_at)',
    trino: "date_trunc('month', sold_at)",
    spark: "date_trunc('month', sold_at)",
    bigquery: 'TIMESTAMP_TRUNC(sold_at, MONTH)',
    snowflake: `date_trunc('month', "sold_at")`,
  });
});

it('never lets a filter multiply what is added up', () => {
  const tree: QueryTree = {
    ...base,
    show: [{ expression: { kind: 'aggregate', fn: 'sum', of: column('shops', 'seats') } }],
    where: {
      kind: 'compare',
      operator: '=',
      left: column('complaints', 'reason'),
      right: { kind: 'literal', value: 'late', type: 'text' },
    },
  };
  expect(oneLine(tree)).toBe(
    "SELECT SUM(seats) AS total_seats FROM shops WHERE id IN (SELECT shop_id FROM complaints WHERE reason = 'late')",
  );
});

it('warns where a group cannot but count rows twice', () => {
  const tree: QueryTree = {
    ...base,
    show: [{ expression: column('breads', 'flour') }, { expression: { kind: 'aggregate', fn: 'sum', of: column('shops', 'seats') } }],
  };
  expect(renderTree(schema, tree).warnings[0]).toMatch(/counted once for each of them/);
});

it('groups each fact by itself before they meet', () => {
  const tree: QueryTree = {
    ...base,
    show: [
      { expression: column('shops', 'town') },
      { expression: { kind: 'aggregate', fn: 'sum', of: column('sales', 'amount') } },
      { expression: { kind: 'aggregate', fn: 'count', rows: 'complaints' } },
    ],
  };
  const sql = oneLine(tree);
  expect(sql).toContain('fact_1 AS ( SELECT shops.town AS key_1, SUM(sales.amount) AS value_1_1 FROM sales JOIN shops');
  expect(sql).toContain('fact_2 AS ( SELECT shops.town AS key_1, COUNT(*) AS value_2_1 FROM complaints JOIN shops');
});

it('joins the same table once for each role', () => {
  const tree: QueryTree = {
    ...base,
    show: [
      { expression: column('shops', 'name') },
      { expression: { ...column('people', 'full_name'), role: 'manager' } },
      { expression: { ...column('people', 'full_name'), role: 'owner' } },
    ],
  };
  expect(oneLine(tree)).toBe(
    'SELECT shops.name, people.full_name, owner_people.full_name FROM shops JOIN people ON people.id = shops.manager_id JOIN people AS owner_people ON owner_people.id = shops.owner_id',
  );
});

it('reads guarded tables through their guards, in nested queries too', () => {
  const tree: QueryTree = {
    ...base,
    root: 'shops',
    show: [{ expression: column('shops', 'name') }],
    where: { kind: 'has', of: 'shops', table: 'complaints', negated: true },
  };
  const guards = new Map([
    [
      'complaints',
      {
        kind: 'compare' as const,
        operator: '=' as const,
        left: column('complaints', 'reason'),
        right: { kind: 'literal' as const, value: 'late', type: 'text' as const },
      },
    ],
  ]);
  expect(renderTree(schema, tree, { guards }).sql.replace(/\s+/g, ' ')).toContain(
    "NOT IN (SELECT shop_id FROM (SELECT * FROM complaints WHERE reason = 'late') AS complaints",
  );
});

it('finds no query where no join leads', () => {
  const island = compileSchema(
    {
      ...bakery(),
      tables: [
        ...bakery().tables,
        { name: 'weather', primaryKey: [], foreignKeys: [], columns: [{ name: 'rain', declaredType: 'number', type: 'number' }] },
      ],
    },
    bakeryModel(),
  );
  expect(() =>
    renderTree(island, { ...base, show: [{ expression: column('shops', 'name') }, { expression: column('weather', 'rain') }] }),
  ).toThrow('no join connects shops, weather');
});
