import { replaceParameters, writeText } from '../../guard';
import type { Cell, ParameterValue, QueryColumn, QueryResult } from '../../sandbox';
import type { ServerConnection } from '../connection';
import { columnType } from '../introspection/column-type';
import type { ReachOptions } from '../network/address';
import { PinnedHttp, type HttpAnswer, type HttpCall } from '../network/pinned-http';
import { asConnectFailure } from '../server/connect-problem';
import { ConnectFailure, OutOfTime, type ClientQuery, type EngineClient } from '../server/engine-client';

export interface TrinoLogin {
  readonly connection: ServerConnection['trino'];
  readonly credentials: Readonly<Record<string, string>>;
}

/** A page of Trino's client protocol (v1). */
interface Page {
  readonly nextUri?: string;
  readonly columns?: readonly { readonly name: string; readonly type: string }[];
  readonly data?: readonly (readonly unknown[])[];
  readonly error?: { readonly message: string; readonly errorName?: string };
}

const busyAttempts = 5;

/** Trino's client protocol: POST the statement, follow `nextUri` until there is none, DELETE it to stop. */
export class TrinoClient implements EngineClient {
  private readonly http: PinnedHttp;

  constructor(
    private readonly login: TrinoLogin,
    reach: ReachOptions,
  ) {
    this.http = new PinnedHttp(login.connection, reach);
  }

  async run({ sql, parameters = {}, maxRows, maxBytes, timeoutMs, signal }: ClientQuery): Promise<Omit<QueryResult, 'executionTimeMs'>> {
    const body = replaceParameters(sql, 'standard', (name) => literal(parameters[name] ?? null));
    let page = await this.page({ method: 'POST', path: '/v1/statement', headers: this.headers(timeoutMs), body, signal });
    let columns: QueryColumn[] = [];
    const rows: Cell[][] = [];
    let bytes = 0;
    let next = pathOf(page.nextUri);
    const stop = (): void => void this.abandon(next);
    signal.addEventListener('abort', stop, { once: true });
    try {
      for (;;) {
        if (page.error) throw failure(page.error);
        if (page.columns) columns = page.columns.map(({ name, type }) => ({ name, type, kind: columnType(type) }));
        for (const raw of page.data ?? []) {
          const row = raw.map((value, index) => cell(value, columns[index]!));
          bytes += Buffer.byteLength(JSON.stringify(row));
          if (rows.length >= maxRows || bytes > maxBytes) {
            await this.abandon(next);
            return { columns, rows, truncated: true };
          }
          rows.push(row);
        }
        if (next === undefined) return { columns, rows, truncated: false };
        page = await this.page({ method: 'GET', path: next, headers: this.headers(timeoutMs), signal });
        next = pathOf(page.nextUri);
      }
    } finally {
      signal.removeEventListener('abort', stop);
    }
  }

  close(): Promise<void> {
    return this.http.close();
  }

  private async page(call: HttpCall): Promise<Page> {
    for (let attempt = 1; ; attempt += 1) {
      const answer = await this.http.call(call).catch((thrown: unknown) => {
        throw asConnectFailure(thrown);
      });
      if (answer.status === 200) return JSON.parse(answer.body) as Page;
      // The protocol asks clients to repeat these; the body says nothing.
      const busy = [429, 502, 503, 504].includes(answer.status);
      if (!busy || attempt === busyAttempts) throw statusFailure(answer);
      await new Promise((resolve) => setTimeout(resolve, 50 * attempt));
      call.signal?.throwIfAborted();
    }
  }

  private async abandon(path: string | undefined): Promise<void> {
    if (path === undefined) return;
    await this.http
      .call({ method: 'DELETE', path, headers: this.headers(5_000), signal: AbortSignal.timeout(5_000) })
      .catch(() => undefined);
  }

  private headers(timeoutMs: number): Record<string, string> {
    const { connection, credentials } = this.login;
    const user = connection.user ?? credentials.user ?? 'parley';
    return {
      'X-Trino-User': user,
      'X-Trino-Catalog': connection.catalog,
      'X-Trino-Schema': connection.schema,
      'X-Trino-Source': 'parley',
      'X-Trino-Time-Zone': 'UTC',
      'X-Trino-Session': `query_max_run_time=${Math.max(1, Math.ceil(timeoutMs / 1_000))}s`,
      'Content-Type': 'text/plain; charset=utf-8',
      ...(credentials.password ? { Authorization: `Basic ${Buffer.from(`${user}:${credentials.password}`).toString('base64')}` } : {}),
    };
  }
}

/** Only path and query are taken: whatever host a server names, the next call goes to the address that was checked. */
function pathOf(uri: string | undefined): string | undefined {
  if (uri === undefined) return undefined;
  const { pathname, search } = new URL(uri, 'http://trino');
  return `${pathname}${search}`;
}

function failure({ message, errorName }: NonNullable<Page['error']>): Error {
  if (errorName === 'EXCEEDED_TIME_LIMIT') return new OutOfTime(message);
  if (errorName === 'CATALOG_NOT_FOUND' || errorName === 'SCHEMA_NOT_FOUND') return new ConnectFailure('database', new Error(message));
  return new Error(message);
}

function statusFailure({ status, body }: HttpAnswer): Error {
  if (status === 401 || status === 403) return new ConnectFailure('credentials', new Error(String(status)));
  if (status >= 500 || status === 404) return new ConnectFailure('unreachable', new Error(String(status)));
  return new Error(body.slice(0, 500));
}

const literal = (value: ParameterValue): string =>
  value === null ? 'NULL' : typeof value === 'string' ? writeText(value, 'trino') : String(value).toUpperCase();

const maxExactDigits = 15;

function cell(value: unknown, { kind }: QueryColumn): Cell {
  if (value === null || value === undefined) return null;
  if (kind === 'integer') return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
  if (kind === 'number' && typeof value === 'string')
    return !Number.isFinite(Number(value)) ? null : value.replace(/\D/g, '').length > maxExactDigits ? value : Number(value);
  if (kind === 'timestamp' && typeof value === 'string') return value.replace(' ', 'T').replace(/ UTC$/, 'Z');
  return value as Cell;
}
