import { errors, readInput } from '#platform/errors';
import type { Caller } from '#platform/auth';

import { readPage, toConnection, type Connection, type PageArgs } from '#platform/graphql';

import { policy } from './policy';
import type { QueryHistory } from './query-history';
import { bindParameters, filterSql, readFilters, type Filter, type Parameters } from './filters';
import { extractRules, statementRules } from './question-input';
import type { RunningQueries } from './running-queries';
import type { SourceDirectory } from './sources/source-directory';
import type { ReadySource } from './sources/ready-source';
import type { RunOutcome, StatementRunner } from './statement-runner';
import type { StoredQuery } from '../store/query.store';
import { tablesOf } from './guard';

export interface StatementServiceParts {
  readonly directory: SourceDirectory;
  readonly runner: StatementRunner;
  readonly history: QueryHistory;
  readonly running: RunningQueries;
  readonly now: () => Date;
}

interface Unfiltered {
  readonly source: ReadySource;
  readonly sql: string;
  readonly parameters: Parameters | undefined;
  readonly filters: readonly Filter[];
  readonly signal?: AbortSignal;
}

/** SQL that a person wrote: run it, stop it, find it again. */
export class StatementService {
  constructor(private readonly parts: StatementServiceParts) {}

  async execute(caller: Caller, input: unknown, signal?: AbortSignal): Promise<RunOutcome & { readonly warnings: readonly string[] }> {
    policy.require(caller, 'query:run');
    const statement = readInput(statementRules, input);
    const source = statement.sourceId
      ? await this.parts.directory.require(caller, statement.sourceId)
      : await this.sourceWithTables(caller, statement.sql);
    const bound = bindParameters(statement.parameters ?? {}, readFilters(statement.filters), this.parts.now());
    const [parameters, rest] = [statement.parameters ? bound.parameters : undefined, bound.rest];
    const filtered =
      rest.length > 0
        ? await this.filtered(caller, { source, sql: statement.sql, parameters, filters: rest, signal })
        : { sql: statement.sql, warnings: [] };
    const outcome = await this.parts.runner.run(caller, {
      source,
      sql: filtered.sql,
      parameters,
      timeoutSeconds: statement.timeoutSeconds,
      maxRows: statement.maxRows,
      refresh: statement.refresh,
      signal,
    });
    return { ...outcome, warnings: filtered.warnings };
  }

  /** The statement with filters around it; its columns are learned from its first row, which is cached with it. */
  private async filtered(
    caller: Caller,
    { source, sql, parameters, filters, signal }: Unfiltered,
  ): Promise<{ sql: string; warnings: string[] }> {
    const { columns } = await this.parts.runner.run(caller, { source, sql, parameters, maxRows: 1, signal });
    const filtered = filterSql(sql, { filters, columns, dialect: source.catalog.dialect, now: this.parts.now() });
    const warnings = filtered.ignored.map((field) => `The filter on ${field} does not apply: the result has no such column.`);
    return { sql: filtered.sql, warnings };
  }

  /** Many rows at once, for training and indexing; the sandbox's byte cap holds. */
  async extract(caller: Caller, input: unknown, signal?: AbortSignal): Promise<RunOutcome & { readonly dataVersion: string }> {
    policy.require(caller, 'query:run');
    const { sql, sourceId, maxRows } = readInput(extractRules, input);
    const source = await this.parts.directory.require(caller, sourceId);
    const outcome = await this.parts.runner.run(caller, { source, sql, maxRows: maxRows ?? 100_000, timeoutSeconds: 300, signal });
    return { ...outcome, dataVersion: source.dataVersion };
  }

  cancel(caller: Caller, queryId: string): { queryId: string; cancelled: boolean } {
    policy.require(caller, 'query:run');
    return { queryId, cancelled: this.parts.running.cancel(queryId, caller) };
  }

  async find(caller: Caller, id: string): Promise<StoredQuery> {
    policy.require(caller, 'query:read');
    const [found] = await this.findMany(caller, [id]);
    if (!found) throw errors.NOT_FOUND({ kind: 'query' });
    return found;
  }

  /** In the order of the ids, null where there is none. */
  async findMany(caller: Caller, ids: readonly string[]): Promise<(StoredQuery | null)[]> {
    policy.require(caller, 'query:read');
    const found = new Map((await this.parts.history.findMany(caller, ids)).map((query) => [query.id, query]));
    return ids.map((id) => found.get(id) ?? null);
  }

  async list(caller: Caller, args: PageArgs): Promise<Connection<StoredQuery>> {
    policy.require(caller, 'query:read');
    const scope = `sql_queries:${caller.tenantId}:${caller.userId}`;
    const page = readPage(args, scope);
    const items = await this.parts.history.list(caller, page);
    return toConnection({ items, page, scope, keyOf: (query) => [query.created_at.toISOString(), query.id] });
  }

  /** The one source that has all tables of the statement; where several have, or none, the caller must say which is meant. */
  private async sourceWithTables(caller: Caller, sql: string): Promise<ReadySource> {
    const sources = await this.parts.directory.list(caller);
    const wanted = (await tablesOf(sql)).map((name) => name.toLowerCase());
    const fitting = sources.filter(({ catalog }) => {
      const names = new Set(catalog.tables.map(({ name }) => name.toLowerCase()));
      return wanted.every((name) => names.has(name));
    });
    if (fitting.length === 1 && wanted.length > 0) return fitting[0]!;
    if (sources.length === 1) return sources[0]!;
    const names = sources.map(({ id }) => id).join(', ');
    throw errors.INVALID_REQUEST(
      { what: 'source_id', hint: names ? `name the source to run on: ${names}` : 'add a source first' },
      { field: 'source_id' },
    );
  }
}
