import { stat } from 'node:fs/promises';

import { errors } from '#platform/errors';

import type { Catalog } from '../engine/catalog';
import type { QueryResult, Sandbox, SandboxEngine } from '../sandbox';
import { duckdbReader } from './duckdb/duckdb-reader';
import { buildCatalog } from './introspection/build-catalog';
import type { Rows } from './introspection/reader';
import { sqliteReader } from './sqlite/sqlite-reader';
import type { SourceAdapter, SourceQuery } from './types';

const catalogLimits = { maxRows: 50_000, maxBytes: 64 * 1024 * 1024, timeoutMs: 60_000 };

/** A DuckDB or SQLite file, queried in the sandbox's child processes. */
export class FileAdapter implements SourceAdapter {
  readonly dialect: SandboxEngine;

  constructor(
    private readonly sandbox: Sandbox,
    private readonly engine: SandboxEngine,
    private readonly file: string,
  ) {
    this.dialect = engine;
  }

  async test(signal?: AbortSignal): Promise<void> {
    await this.sandbox
      .runQuery({ engine: this.engine, file: this.file, sql: 'select 1', maxRows: 1, maxBytes: 1_000, timeoutMs: 10_000, signal })
      .catch((thrown: unknown) => {
        throw errors.INVALID_REQUEST(
          { what: 'The file', hint: `it is not a ${this.engine === 'duckdb' ? 'DuckDB' : 'SQLite'} database that can be opened` },
          { cause: thrown },
        );
      });
  }

  introspect(signal?: AbortSignal): Promise<Catalog> {
    const rows = async (sql: string): Promise<Rows> =>
      (await this.sandbox.runQuery({ engine: this.engine, file: this.file, sql, trusted: true, signal, ...catalogLimits })).rows;
    return buildCatalog(this.engine === 'duckdb' ? duckdbReader(rows) : sqliteReader(rows), { signal });
  }

  query(query: SourceQuery): Promise<QueryResult> {
    return this.sandbox.runQuery({ engine: this.engine, file: this.file, ...query });
  }

  async dataVersion(): Promise<string> {
    const found = await stat(this.file).catch(() => undefined);
    if (!found) throw errors.QUERY_FAILED({ reason: 'the source is not there; refresh or add it again' });
    return `${found.ino}-${found.size}-${Math.floor(found.mtimeMs)}`;
  }

  close(): Promise<void> {
    return this.sandbox.release(this.file);
  }
}
