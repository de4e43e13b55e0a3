import { parseSql } from '../../guard';
import type { SemanticModel } from '../../semantic-model';
import { draftModel } from '../../semantic-model';
import { bakery } from '../testing/bakery';
import { guardStatement, provePolicies } from '.';

const catalog = bakery();
const model: SemanticModel = {
  ...draftModel(catalog),
  policies: [
    { name: 'own town', entity: 'shops', filter: 'town = user.town', except: ['admin'] },
    { name: 'sold there', entity: 'sales', roles: ['viewer'], filter: 'shop_id in user.shops' },
  ],
};
const source = { catalog, model };
const viewer = { roles: ['viewer'], attributes: { town: "Saint-Lô's", shops: [1, 2] } };

it('reads every guarded table through its guard, whatever the statement looks like', async () => {
  const written = `WITH near AS (SELECT * FROM shops s WHERE s.opened > DATE '2020-01-01')
    SELECT near.name, count(*) FROM near JOIN "sales" ON "sales".shop_id = near.id WHERE near.id IN (SELECT id FROM SHOPS) GROUP BY near.name`;
  const { sql } = await guardStatement(written, source, viewer);
  expect(sql).toContain("(SELECT * FROM shops WHERE town = 'Saint-Lô''s') s WHERE");
  expect(sql).toContain('(SELECT * FROM sales WHERE shop_id IN (1, 2)) AS sales ON');
  expect(sql.match(/WHERE town = /g)).toHaveLength(2);
});

it('leaves a caller alone to whom no policy applies', async () => {
  expect(await guardStatement('SELECT * FROM shops', source, { roles: ['admin'], attributes: {} })).toEqual({
    sql: 'SELECT * FROM shops',
    policyKey: 'none',
  });
});

it('shows nothing to a caller who lacks the attribute that a policy asks for', async () => {
  const { sql } = await guardStatement('SELECT name FROM shops', source, { roles: ['analyst'], attributes: {} });
  expect(sql).toBe('SELECT name FROM (SELECT * FROM shops WHERE 1 = 0) AS shops');
});

it('gives callers who see other rows other cache keys', async () => {
  const keys = await Promise.all(
    ['Ulm', 'Bonn'].map(
      async (town) => (await guardStatement('SELECT 1 FROM shops', source, { roles: ['analyst'], attributes: { town } })).policyKey,
    ),
  );
  expect(new Set(keys).size).toBe(2);
});

describe('the proof', () => {
  const scans = async () => new Map([['shops', (await parseSql("SELECT * FROM shops WHERE town = 'Ulm'", 'duckdb')).query]]);
  const prove = async (sql: string) => provePolicies((await parseSql(sql, 'duckdb')).query, await scans());

  it('accepts the guarded scan only', async () => {
    expect(await prove("SELECT name FROM (SELECT * FROM shops WHERE town = 'Ulm') AS shops")).toEqual([]);
  });

  it.each([
    ['a bare scan', 'SELECT name FROM shops'],
    ['another value', "SELECT name FROM (SELECT * FROM shops WHERE town = 'Bonn') AS shops"],
    ['a wider guard', "SELECT name FROM (SELECT * FROM shops WHERE town = 'Ulm' OR 1 = 1) AS shops"],
    ['a second table inside the guard', "SELECT name FROM (SELECT * FROM shops, shops AS other WHERE town = 'Ulm') AS shops"],
    ['a scan in a condition', 'SELECT 1 FROM sales WHERE shop_id IN (SELECT id FROM main.Shops)'],
    ['one guarded, one not', "SELECT 1 FROM (SELECT * FROM shops WHERE town = 'Ulm') a JOIN shops b ON a.id = b.id"],
    ['a table expression that hides it', 'WITH shops AS (SELECT 1 AS id) SELECT * FROM shops'],
    ['a set operand', "SELECT * FROM (SELECT * FROM shops WHERE town = 'Ulm') a UNION ALL SELECT * FROM shops"],
  ])('refuses %s', async (_, sql) => {
    expect((await prove(sql)).length).toBeGreaterThan(0);
  });
});
