import type { Caller } from '#platform/auth';
import { profileColumns, toNumber } from '#platform/charts';

import type { Analyst, AnalystAnswer, Definition } from '../ports';

import type { RatioBreakdown } from './ratio-decomposition';

export interface RatioParts {
  readonly parts: RatioBreakdown;
  readonly sql: readonly string[];
}

/** Numerator and denominator of one answer; null where they cannot be had for it. */
export type ReadRatio = (answer: AnalystAnswer, words: string) => Promise<RatioParts | null>;

interface Reader {
  readonly analyst: Analyst;
  readonly caller: Caller;
  readonly ask: (question: string) => Promise<AnalystAnswer>;
  readonly signal: AbortSignal;
}

/** How to take a metric apart: as an average by its sum and count, or by the two metrics that its definition divides. Null for others. */
export function ratioReader(
  metric: string,
  answer: AnalystAnswer,
  { definitions, ...reader }: Reader & { readonly definitions: readonly Definition[] },
): ReadRatio | null {
  if (answer.sql && isAverage(answer.sql)) return readAverage(reader);
  const words = metric.toLowerCase();
  const own = definitions.find(({ name, synonyms }) => [name, ...synonyms].some((form) => form.toLowerCase() === words));
  const divided = /^\s*([a-z_]\w*)\s*\/\s*([a-z_]\w*)\s*$/i.exec(own?.expression ?? '');
  return divided ? readDivision(reader, [divided[1]!.replaceAll('_', ' '), divided[2]!.replaceAll('_', ' ')]) : null;
}

const average = /\bavg\(([^()]+)\)(\s+as\s+(?:"[^"]+"|`[^`]+`|\w+))?/gi;
const isAverage = (sql: string): boolean => [...sql.matchAll(average)].length === 1 && /^\s*select\b/i.test(sql);

/** The same statement with the sum and the count in place of the average, which count the same rows. */
const readAverage =
  ({ analyst, caller, signal }: Reader): ReadRatio =>
  async ({ sql, sourceId }) => {
    if (!sql || !isAverage(sql)) return null;
    // What it was sorted by is gone.
    const apart = sql.replace(average, 'sum($1) AS part_total, count($1) AS part_count').replace(/\s+order by\s[\s\S]*$/i, '');
    const { columns, rows, truncated } = await analyst.runSql(caller, { sql: apart, sourceId, signal, maxRows: 1_000 });
    const [total, count] = ['part_total', 'part_count'].map((name) => columns.findIndex((column) => column.name.toLowerCase() === name));
    if (truncated || total === undefined || count === undefined || total < 0 || count < 0 || columns.length > 3) return null;
    const label = columns.findIndex((_, index) => index !== total && index !== count);
    return {
      parts: new Map(rows.map((row) => [label < 0 ? '' : String(row[label] ?? 'none'), { total: row[total], count: row[count] }])),
      sql: [apart],
    };
  };

/** Both metrics asked for in the words that the ratio was asked for with. */
const readDivision =
  ({ ask }: Reader, [numerator, denominator]: readonly [string, string]): ReadRatio =>
  async (_, words) => {
    const [totals, counts] = [await ask(`${numerator} ${words}`), await ask(`${denominator} ${words}`)];
    const [total, count] = [valuesOf(totals), valuesOf(counts)];
    if (!total || !count) return null;
    const labels = new Set([...total.keys(), ...count.keys()]);
    return {
      parts: new Map([...labels].map((label) => [label, { total: total.get(label) ?? 0, count: count.get(label) ?? 0 }])),
      sql: [totals.sql!, counts.sql!],
    };
  };

function valuesOf({ sql, columns, rows, truncated, unusedWords }: AnalystAnswer): ReadonlyMap<string, unknown> | null {
  if (!sql || truncated || unusedWords.length > 0 || columns.length > 2 || rows.length === 0) return null;
  if (columns.length === 1) return rows.length === 1 && toNumber(rows[0]![0]) !== null ? new Map([['', rows[0]![0]]]) : null;
  const measure = profileColumns(columns, rows).findLast(({ role }) => role === 'measure');
  if (!measure) return null;
  return new Map(rows.map((row) => [String(row[1 - measure.index] ?? 'none'), row[measure.index]]));
}
