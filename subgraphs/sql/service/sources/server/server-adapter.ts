import { AppError, errors } from '#platform/errors';

import type { Catalog, Dialect } from '../../engine/catalog';
import { cleanMessage, type QueryResult } from '../../sandbox';
import { buildCatalog } from '../introspection/build-catalog';
import type { Rows } from '../introspection/reader';
import type { SourceAdapter, SourceQuery } from '../types';
import { ConnectFailure, OutOfTime, type ConnectProblem, type EngineClient, type ServerEngine } from './engine-client';

// One slow table must not use up the time of all.
const catalogLimits = { maxRows: 50_000, maxBytes: 64 * 1024 * 1024, timeoutMs: 15_000 };

const hints: Readonly<Record<ConnectProblem, { readonly what: string; readonly hint: string }>> = {
  unreachable: { what: 'host', hint: 'no database answers there; check host, port and firewall' },
  credentials: { what: 'credentials', hint: 'the server does not accept this user and password' },
  database: { what: 'database', hint: 'the server has no database or schema of that name' },
  tls: { what: 'ssl', hint: 'the server and this service do not agree on TLS; check ssl and the certificate' },
};

/** A database server. Deadlines, cancelling and errors are the same for every engine; the client speaks its protocol. */
export class ServerAdapter implements SourceAdapter {
  readonly dialect: Dialect;
  private client: EngineClient | undefined;

  constructor(private readonly engine: ServerEngine) {
    this.dialect = engine.dialect;
  }

  async test(signal?: AbortSignal): Promise<void> {
    try {
      await this.run({ sql: 'SELECT 1', maxRows: 1, maxBytes: 1_000, timeoutMs: 10_000, signal });
    } catch (thrown) {
      if (!(thrown instanceof ConnectFailure) && !(thrown instanceof OutOfTime)) throw this.publicError(thrown, 10_000);
      const { what, hint } = hints[thrown instanceof ConnectFailure ? thrown.problem : 'unreachable'];
      throw errors.INVALID_REQUEST({ what, hint }, { field: `connection.${what}`, cause: thrown });
    }
  }

  introspect(signal?: AbortSignal): Promise<Catalog> {
    const rows = async (sql: string): Promise<Rows> => (await this.query({ sql, signal, ...catalogLimits })).rows;
    return buildCatalog(this.engine.reader(rows), { signal });
  }

  async query(query: SourceQuery): Promise<QueryResult> {
    try {
      return await this.run(query);
    } catch (thrown) {
      throw this.publicError(thrown, query.timeoutMs);
    }
  }

  async dataVersion(): Promise<string> {
    const { versionSql } = this.engine;
    // Five minutes is how stale an answer may be where the engine says nothing about changes.
    if (versionSql === null) return `t${Math.floor(Date.now() / 300_000)}`;
    const { rows } = await this.query({ sql: versionSql, maxRows: 1, maxBytes: 10_000, timeoutMs: 10_000 });
    return String(rows[0]?.[0] ?? 'none');
  }

  async close(): Promise<void> {
    const { client } = this;
    this.client = undefined;
    await client?.close();
  }

  private async run(query: SourceQuery): Promise<QueryResult> {
    const started = performance.now();
    const stopped = new AbortController();
    const timer = setTimeout(() => stopped.abort(new OutOfTime('the time is over')), query.timeoutMs);
    const onAbort = (): void => stopped.abort(errors.QUERY_FAILED({ reason: 'it was cancelled' }, { details: { cancelled: true } }));
    query.signal?.addEventListener('abort', onAbort, { once: true });
    if (query.signal?.aborted) onAbort();
    try {
      stopped.signal.throwIfAborted();
      this.client ??= this.engine.connect();
      // The caller is answered at the deadline, also where the server is slow to obey.
      const result = await Promise.race([this.client.run({ ...query, signal: stopped.signal }), rejection(stopped.signal)]);
      return { ...result, executionTimeMs: performance.now() - started };
    } catch (thrown) {
      // What the driver says after being stopped is about the stopping.
      throw stopped.signal.aborted ? (stopped.signal.reason as Error) : thrown;
    } finally {
      clearTimeout(timer);
      query.signal?.removeEventListener('abort', onAbort);
    }
  }

  private publicError(thrown: unknown, timeoutMs: number): AppError {
    if (thrown instanceof AppError) return thrown;
    if (thrown instanceof OutOfTime) return errors.TIMEOUT({ seconds: timeoutMs / 1_000 });
    if (thrown instanceof ConnectFailure)
      return errors.SERVICE_UNAVAILABLE({}, { cause: thrown, details: { reason: hints[thrown.problem].hint } });
    const message = thrown instanceof Error ? thrown.message : String(thrown);
    return errors.QUERY_FAILED({ reason: withoutAddresses(cleanMessage(message)) }, { cause: thrown });
  }
}

const rejection = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true }));

/** Messages of a cluster name its machines. */
const withoutAddresses = (message: string): string =>
  message.replace(/\b\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?\b/g, 'the server').replace(/\b(?:[\w-]+\.)+[a-z]{2,}:\d{2,5}\b/gi, 'the server');
