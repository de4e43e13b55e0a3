import { randomUUID } from 'node:crypto';

import { replaceParameters, writeText } from '../../guard';
import type { Cell, ParameterValue, QueryColumn, QueryResult } from '../../sandbox';
import type { ServerConnection } from '../connection';
import { columnType } from '../introspection/column-type';
import type { ReachOptions } from '../network/address';
import { PinnedHttp, TooLarge } from '../network/pinned-http';
import { asConnectFailure } from '../server/connect-problem';
import { ConnectFailure, OutOfTime, type ClientQuery, type EngineClient } from '../server/engine-client';

export interface ClickhouseLogin {
  readonly connection: ServerConnection['clickhouse'];
  readonly credentials: Readonly<Record<string, string>>;
}

interface Answer {
  readonly meta: readonly { readonly name: string; readonly type: string }[];
  readonly data: readonly (readonly unknown[])[];
}

// Codes of ClickHouse's errors.
const outOfTime = new Set(['159', '160', '209']);
const noSuchDatabase = '81';
const refusedLogin = new Set(['192', '193', '194', '516']);

/**
 * ClickHouse by its HTTP interface, which every version has. `readonly=2` refuses writes and DDL and lets the limits of the same request
 * through; the guard keeps SETTINGS and table functions out.
 */
export class ClickhouseClient implements EngineClient {
  private readonly http: PinnedHttp;

  constructor(
    private readonly login: ClickhouseLogin,
    reach: ReachOptions,
  ) {
    this.http = new PinnedHttp(login.connection, reach);
  }

  async run({ sql, parameters = {}, maxRows, maxBytes, timeoutMs, signal }: ClientQuery): Promise<Omit<QueryResult, 'executionTimeMs'>> {
    const id = randomUUID();
    const stop = (): void => void this.kill(id);
    signal.addEventListener('abort', stop, { once: true });
    try {
      const body = replaceParameters(sql, 'backslash', (name) => literal(parameters[name] ?? null));
      return shape(await this.post(body, { id, timeoutMs, maxRows, signal }), { maxRows, maxBytes });
    } finally {
      signal.removeEventListener('abort', stop);
    }
  }

  close(): Promise<void> {
    return this.http.close();
  }

  private async post(
    sql: string,
    { id, timeoutMs, maxRows, signal }: { id: string; timeoutMs: number; maxRows: number; signal: AbortSignal },
  ): Promise<Answer> {
    const settings = {
      database: this.login.connection.database,
      query_id: id,
      default_format: 'JSONCompact',
      readonly: '2',
      max_execution_time: String(Math.max(1, Math.ceil(timeoutMs / 1_000))),
      max_result_rows: String(maxRows + 1),
      result_overflow_mode: 'break',
      join_use_nulls: '1',
      output_format_json_quote_64bit_integers: '1',
    };
    const answer = await this.http
      .call({ method: 'POST', path: `/?${new URLSearchParams(settings).toString()}`, headers: this.headers(), body: sql, signal })
      .catch((thrown: unknown) => {
        throw thrown instanceof TooLarge ? thrown : asConnectFailure(thrown);
      });
    if (answer.status === 200) return JSON.parse(answer.body) as Answer;
    throw failure(answer.status, answer.body);
  }

  private headers(): Record<string, string> {
    const { connection, credentials } = this.login;
    const user = connection.user ?? credentials.user ?? 'default';
    return {
      Authorization: `Basic ${Buffer.from(`${user}:${credentials.password ?? ''}`).toString('base64')}`,
      'Content-Type': 'text/plain; charset=utf-8',
    };
  }

  /** A closed connection alone does not stop a query. The id is ours. */
  private async kill(id: string): Promise<void> {
    await this.http
      .call({
        method: 'POST',
        path: '/',
        headers: this.headers(),
        body: `KILL QUERY WHERE query_id = '${id}'`,
        signal: AbortSignal.timeout(5_000),
      })
      .catch(() => undefined);
  }
}

function failure(status: number, body: string): Error {
  const code = /Code: (\d+)/.exec(body)?.[1] ?? '';
  // `Code: 47, e.displayText() = DB::Exception: Unknown identifier: x, e.what() = …` in old versions, `Code: 47. DB::Exception: …` in new ones.
  const said =
    /DB::Exception: ([\s\S]*?)(?:, e\.what\(\)|\. \([A-Z_]+\)|\(version |\n|$)/.exec(body)?.[1] ?? 'the server refused the statement';
  const message = new Error(said.slice(0, 600));
  if (outOfTime.has(code)) return new OutOfTime('the time is over', { cause: message });
  if (refusedLogin.has(code) || status === 401 || status === 403) return new ConnectFailure('credentials', message);
  if (code === noSuchDatabase) return new ConnectFailure('database', message);
  return message;
}

/** The statement was written by the guard's printer, in which a value is a literal like any other. */
const literal = (value: ParameterValue): string =>
  value === null
    ? 'NULL'
    : typeof value === 'string'
      ? writeText(value, 'clickhouse')
      : typeof value === 'boolean'
        ? value
          ? '1'
          : '0'
        : String(value);

function shape({ meta, data }: Answer, { maxRows, maxBytes }: { maxRows: number; maxBytes: number }): Omit<QueryResult, 'executionTimeMs'> {
  const columns = meta.map(({ name, type }): QueryColumn => ({ name, type, kind: columnType(type) }));
  const rows: Cell[][] = [];
  let bytes = 0;
  for (const raw of data) {
    const row = raw.map((value, index) => cell(value, columns[index]!));
    bytes += Buffer.byteLength(JSON.stringify(row));
    if (rows.length >= maxRows || bytes > maxBytes) return { columns, rows, truncated: true };
    rows.push(row);
  }
  return { columns, rows, truncated: false };
}

function cell(value: unknown, { kind }: QueryColumn): Cell {
  if (value === null || value === undefined) return null;
  if (kind === 'integer') return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
  if (kind === 'number') return Number.isFinite(Number(value)) ? Number(value) : null;
  if (kind === 'timestamp' && typeof value === 'string') return value.replace(' ', 'T');
  return value as Cell;
}
