/**
 * The independent proof that a statement sees guarded tables only through their guards. It trusts neither the renderer nor the
 * splicing: it reads the finished statement with the engine's own parser, and what it cannot prove it refuses.
 */
import { fromItems, queriesOf } from '../../guard/walk';
import type { FromItem, Query, Select } from '../../guard/ir';

/** The one allowed reading of a guarded table, by lower-case table name: the parse of `SELECT * FROM t WHERE guard`. */
export type GuardedScans = ReadonlyMap<string, Query>;

export interface Unproven {
  table: string;
  reason: string;
}

/** Empty where every scan of a guarded table is guarded. */
export function provePolicies(query: Query, scans: GuardedScans): Unproven[] {
  const unproven: Unproven[] = [];
  for (const inner of queriesOf(query)) {
    for (const common of inner.with) {
      if (scans.has(common.name.toLowerCase()))
        unproven.push({ table: common.name, reason: 'a WITH clause has the name of a guarded table' });
    }
    if (inner.body.kind !== 'select') continue;
    for (const item of fromItems(inner.body.from)) {
      if (item.kind !== 'table') continue;
      const expected = scans.get(item.name.toLowerCase());
      if (expected && !sameScan(inner, expected)) unproven.push({ table: item.name, reason: 'it is read outside its guard' });
    }
  }
  return unproven;
}

/** The whole query around the scan must be the guarded one: nothing more, nothing less. */
function sameScan(query: Query, expected: Query): boolean {
  return shape(query) === shape(expected);
}

/** The tree without places in the text; names of tables are compared without case, as scans are looked up. */
const shape = (query: Query): string =>
  JSON.stringify(query, (key, value: unknown) => {
    if (key === 'at') return undefined;
    if (key === 'from' && isTable(value)) return { ...value, name: value.name.toLowerCase() };
    return value;
  });

const isTable = (value: unknown): value is Extract<FromItem, { kind: 'table' }> =>
  typeof value === 'object' && value !== null && (value as { kind?: unknown }).kind === 'table';

/** Every mention of a table in FROM that must be rewritten, last first, with its place in the text. */
export function guardedMentions(query: Query, scans: ReadonlySet<string>): { name: string; alias?: string; at: number | undefined }[] {
  const found: { name: string; alias?: string; at: number | undefined }[] = [];
  for (const inner of queriesOf(query)) {
    const body = inner.body as Select | { kind: 'set' };
    if (body.kind !== 'select') continue;
    for (const item of fromItems(body.from)) {
      if (item.kind === 'table' && scans.has(item.name.toLowerCase()))
        found.push({ name: item.name, at: item.at, ...(item.alias ? { alias: item.alias } : {}) });
    }
  }
  return found.sort((a, b) => (b.at ?? 0) - (a.at ?? 0));
}
