import { pathToFileURL } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

import type { ColumnType } from '../engine/catalog';
import type { ChildResult } from './messages';
import { RowCollector } from './row-collector';
import { serveChild, type ChildEngine } from './serve-child';
import { sqliteFunctions } from './sqlite-functions';
import { refusedInstruction } from './sqlite-program';

/** The part of libsql's driver that is used here; the package's own types describe better-sqlite3's. */
interface Statement {
  raw(enabled: boolean): Statement;
  safeIntegers(enabled: boolean): Statement;
  columns(): { readonly name: string; readonly type: string | null }[];
  iterate(parameters: object): Iterable<unknown[]>;
  all(parameters: object): unknown[][];
}
interface Database {
  prepare(sql: string): Statement;
  exec(sql: string): void;
}

// The driver (0.5.29) resets a statement only when its object is collected; until then a read that failed or was short holds its lock on
// the file, and whoever writes it waits. So the child collects after every query, once the answer is out.
setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

class SqliteEngine implements ChildEngine {
  private database: Database | undefined;

  async open(file: string): Promise<void> {
    const driver = (await import('libsql')).default as unknown as new (url: string) => Database;
    // The driver's own `readonly` option is ignored (0.5.29); the URI's mode is SQLite's and holds.
    this.database = new driver(`${pathToFileURL(file).href}?mode=ro`);
    this.database.exec('pragma query_only = 1');
    this.database.exec('pragma trusted_schema = 0');
    this.database.prepare('select count(*) from sqlite_master').raw(true).all({});
  }

  async query({ sql, parameters = {}, trusted = false, maxRows, maxBytes }: Parameters<ChildEngine['query']>[0]): Promise<ChildResult> {
    if (!this.database) throw new Error('no file is open');
    setTimeout(collectGarbage, 1);
    const started = performance.now();
    if (!trusted) this.check(sql, parameters);
    const described = this.database.prepare(sql).raw(true).columns();
    // The limit is inside: the driver does not reset a statement that is left halfway, which would lock the file for good. A bracket
    // around it also makes a second statement an error, where preparing alone would pass over it.
    const statement = this.database
      .prepare(`select * from (\n${sql}\n) limit ${Math.floor(maxRows) + 1}`)
      .raw(true)
      .safeIntegers(true);
    const collector = new RowCollector(maxRows, maxBytes);
    for (const row of statement.iterate(parameters)) collector.add(row.map(cell));
    const columns = described.map(({ name, type }, index) => ({ name, type: type ?? '', kind: kindOf(type, collector.rows, index) }));
    return { columns, rows: collector.rows, truncated: collector.truncated, executionTimeMs: performance.now() - started };
  }

  interrupt(): void {
    // Nothing to do: while a statement runs this thread does, and the pool kills the process.
  }

  private check(sql: string, parameters: object): void {
    if (!/^\s*(select|with|values)\b/i.test(sql)) throw new Error('only a SELECT may run');
    const program = this.database!.prepare(`explain ${sql}`).raw(true).all(parameters);
    const reason = refusedInstruction(
      program.map((row) => ({ opcode: String(row[1]), p2: Number(row[3]), p4: String(row[5] ?? '') })),
      sqliteFunctions,
    );
    if (reason) throw new Error(`refused: ${reason}`);
  }
}

function cell(value: unknown): unknown {
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
  if (Buffer.isBuffer(value)) return value.toString('base64');
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  return value;
}

const declared: readonly (readonly [RegExp, ColumnType])[] = [
  [/bool/i, 'boolean'],
  [/int/i, 'integer'],
  [/datetime|timestamp/i, 'timestamp'],
  [/date/i, 'date'],
  [/real|floa|doub|dec|num/i, 'number'],
  [/char|clob|text/i, 'text'],
  [/blob/i, 'binary'],
];

function kindOf(type: string | null, rows: readonly unknown[][], index: number): ColumnType {
  if (type) return declared.find(([pattern]) => pattern.test(type))?.[1] ?? 'other';
  const values = rows.map((row) => row[index]).filter((value) => value !== null);
  if (values.length > 0 && values.every((value) => typeof value === 'number')) return values.every(Number.isInteger) ? 'integer' : 'number';
  return 'text';
}

serveChild(new SqliteEngine(), Number(process.argv[2]));
