import type { Caller } from '#platform/auth';
import { newId } from '#platform/db';
import { AppError, errors } from '#platform/errors';

import type { ResultCache } from './cache';
import type { checkSql } from './guard';
import type { QueryHistory, QueryRecord } from './query-history';
import type { RunningQueries } from './running-queries';
import type { QueryResult } from './sandbox';
import type { OpenSources } from './sources/open-sources';
import type { ReadySource } from './sources/ready-source';
import type { RowGuard } from './row-guard';

export interface StatementRunnerParts {
  readonly sources: OpenSources;
  readonly cache: ResultCache;
  readonly history: QueryHistory;
  readonly running: RunningQueries;
  readonly checkSql: typeof checkSql;
  readonly rowGuard: RowGuard;
  readonly maxBytes: number;
  readonly defaultTimeoutSeconds: number;
}

/** A statement on its way to its source. */
export interface RunRequest {
  readonly source: ReadySource;
  readonly sql: string;
  readonly parameters?: Readonly<Record<string, string | number | boolean | null>>;
  readonly timeoutSeconds?: number | null;
  readonly maxRows?: number | null;
  readonly refresh?: boolean | null;
  readonly signal?: AbortSignal;
  /** What the history keeps besides the statement. */
  readonly origin?: Partial<Pick<QueryRecord, 'question' | 'plan' | 'engine' | 'confidence' | 'sessionId' | 'previousId'>>;
}

export interface RunOutcome extends QueryResult {
  readonly queryId: string;
  readonly rowCount: number;
  readonly cacheHit: boolean;
}

/**
 * The only way from SQL text to rows: guard, row policies, cache, sandbox, history. Internal: permission was checked by the service
 * that runs it.
 */
export class StatementRunner {
  constructor(private readonly parts: StatementRunnerParts) {}

  async run(caller: Caller, request: RunRequest): Promise<RunOutcome> {
    const { source } = request;
    const queryId = newId('qry');
    const running = this.parts.running.begin(queryId, caller, request.signal);
    const record = { id: queryId, sourceId: source.id, sql: request.sql, dialect: source.catalog.dialect, ...request.origin };
    try {
      const { result, cacheHit } = await this.result(caller, { ...request, signal: running.signal });
      const outcome: RunOutcome = { ...result, queryId, rowCount: result.rows.length, cacheHit };
      await this.parts.history.record(caller, {
        ...record,
        status: 'succeeded',
        rowCount: outcome.rowCount,
        executionTimeMs: result.executionTimeMs,
      });
      return outcome;
    } catch (error) {
      await this.recordFailure(caller, { ...record, status: running.signal.aborted ? 'cancelled' : 'failed' }, error);
      throw error;
    } finally {
      running.done();
    }
  }

  /** Rows that nobody asked for by name, such as those of a rival reading: everything but the history. */
  async peek(caller: Caller, request: RunRequest): Promise<QueryResult> {
    return (await this.result(caller, request)).result;
  }

  private async result(caller: Caller, request: RunRequest): Promise<{ result: QueryResult; cacheHit: boolean }> {
    const { source } = request;
    const checked = await this.parts.checkSql({
      sql: request.sql,
      dialect: source.catalog.dialect,
      catalog: source.catalog,
      ...(request.parameters ? { parameters: request.parameters } : {}),
    });
    if (!checked.ok)
      throw errors.SQL_REJECTED(
        { reason: checked.errors[0]?.message ?? 'it is not allowed here' },
        { details: { errors: checked.errors } },
      );
    const guarded = await this.parts.rowGuard.apply(caller, source, checked);
    const limits = {
      maxRows: request.maxRows ?? 1_000,
      maxBytes: this.parts.maxBytes,
      timeoutMs: (request.timeoutSeconds ?? this.parts.defaultTimeoutSeconds) * 1_000,
    };
    const run = (): Promise<QueryResult> =>
      this.parts.sources.use(source, (adapter) =>
        adapter.query({
          ...limits,
          sql: guarded.sql,
          ...(request.parameters ? { parameters: request.parameters } : {}),
          ...(request.signal ? { signal: request.signal } : {}),
        }),
      );
    const key = {
      tenantId: source.tenantId ?? 'built-in',
      sourceId: source.id,
      dataVersion: source.dataVersion,
      sql: guarded.sql,
      policy: guarded.policyKey,
      parameters: request.parameters ?? {},
      maxRows: limits.maxRows,
    };
    return this.parts.cache.resolve(key, run, { refresh: request.refresh ?? false });
  }

  private async recordFailure(caller: Caller, record: QueryRecord, error: unknown): Promise<void> {
    const errorCode = error instanceof AppError ? error.code : 'INTERNAL_ERROR';
    // The failure itself is what the caller must see, also where the metadata database is down.
    await this.parts.history.record(caller, { ...record, errorCode }).catch(() => undefined);
  }
}
