import { caller } from '../../../test/kit/caller';

import type { Alternative, QueryTree } from './engine';
import { bakery } from './engine/testing/bakery';
import { bakeryDatabase, type TestDatabase } from './engine/testing/bakery-database';
import type { GenerationResult } from './generation-result';
import { RivalReadings, type RivalBudget } from './rival-readings';
import type { ReadySource } from './sources/ready-source';

const me = caller();
const tree: QueryTree = { show: [], sort: [], distinct: false, through: [], fanOut: 'plain' };
const source = { id: 's', catalog: bakery() } as ReadySource;
const rival = (sql: string, weight: number): Alternative => ({
  sql,
  tree,
  explanation: sql,
  confidence: 0.3,
  weight,
  tablesUsed: ['shops'],
});

function generation(sql: string, rivals: readonly Alternative[], asks = false): GenerationResult {
  const options = [sql, ...rivals.slice(0, 1).map((item) => item.sql)].map((text) => ({ label: text, sql: text }));
  return {
    ...rival(sql, 1),
    explanation: sql,
    dialect: 'duckdb',
    interpretation: [],
    unusedWords: [],
    tablesUsed: ['shops'],
    executionPlan: 'direct',
    warnings: [],
    alternatives: [...rivals],
    ...(asks ? { clarification: { question: 'Which?', notUnderstood: [], nearest: [], options } } : {}),
    queryId: null,
    source,
    engine: 'semantic',
    attempts: [],
    model: null,
    tokensUsed: 0,
  };
}

describe('rival readings', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await bakeryDatabase();
  });
  afterAll(() => database.close());

  const settle = async (given: GenerationResult, budget: RivalBudget = { milliseconds: 60_000 }) => {
    const ran: string[] = [];
    const peek = async (_caller: unknown, { sql }: { sql: string }) => {
      ran.push(sql);
      return {
        columns: [{ name: 'a', type: 'VARCHAR', kind: 'text' as const }],
        rows: (await database.rows(sql)) as string[][],
        truncated: false,
        executionTimeMs: 1,
      };
    };
    return { settled: await new RivalReadings({ peek: peek as never }, budget).settle(me, given), ran };
  };

  const all = 'select name from shops order by name';
  const backwards = 'select name from shops order by name desc';
  const none = "select name from shops where town = 'Nowhere'";
  const some = "select name from shops where town = 'Ulm' and seats > 40";

  it('do not ask where their rows are the same', async () => {
    const { settled } = await settle(generation(all, [rival(backwards, 0.9)], true));
    expect(settled.sql).toBe(all);
    expect(settled.clarification).toBeUndefined();
  });

  it('ask where their rows differ, and show what each would give', async () => {
    const { settled } = await settle(generation(all, [rival(some, 0.5)], true));
    expect(settled.clarification?.options).toEqual([
      { label: all, sql: all, result: { columns: ['a'], rows: (await database.rows(all)).slice(0, 5) } },
      { label: some, sql: some, result: { columns: ['a'], rows: await database.rows(some) } },
    ]);
  });

  it('take the place of a reading that has no rows', async () => {
    const { settled } = await settle(generation(none, [rival(all, 0.2)]));
    expect(settled.sql).toBe(all);
    expect(settled.alternatives[0]?.sql).toBe(none);
  });

  it('are left alone where the reading has rows and outweighs them', async () => {
    const { ran } = await settle(generation(all, [rival(some, 0.2), rival(none, 0.1)]));
    expect(ran).toEqual([all]);
  });

  it('are not run where a table is too large, not counted, or the time is over; the question is then asked without rows', async () => {
    const asked = generation(all, [rival(some, 0.9)], true);
    const uncounted = { ...asked, tablesUsed: ['elsewhere'] };
    for (const [given, budget] of [
      [asked, { rows: 5 }],
      [asked, { milliseconds: 0 }],
      [uncounted, { milliseconds: 60_000 }],
    ] as const) {
      const { settled, ran } = await settle(given, budget);
      expect(ran).toEqual([]);
      expect(settled).toMatchObject({ sql: all, clarification: { options: [{ sql: all }, { sql: some }] } });
    }
  });
});
