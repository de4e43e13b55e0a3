import { Pool, type PoolClient, type QueryConfig } from 'pg';

import { toParameter } from './parameters';
import type { SqlBackend, SqlResult, SqlSession } from './session';
import type { Log } from './types';
import { parserOf } from './values';

export interface PostgresOptions {
  readonly url: string;
  readonly migrationUrl?: string;
  readonly poolMax: number;
  /** For a free connection, or a new one. */
  readonly acquireTimeoutMs: number;
  readonly logger?: Log;
}

/** At least so long for the answer to the first statement, after what is left of the time for a connection. */
const firstAnswerMs = 300;
/** The server's own statement_timeout is meant to fire first; this one is for a server that no longer answers. */
const clientGraceMs = 1_000;

const loginOf = (url: string): string => decodeURIComponent(new URL(url).username);

class PostgresSession implements SqlSession {
  private isFirst = true;

  constructor(
    private readonly client: PoolClient,
    /** Of the time for a connection. */
    private readonly patienceMs: number,
  ) {}

  async query(text: string, parameters: readonly unknown[], { timeoutMs }: { readonly timeoutMs: number }): Promise<SqlResult> {
    // The first statement opens the transaction and costs nothing: no answer to it means a dead connection, which is found out early.
    const isFirst = this.isFirst;
    this.isFirst = false;
    const limit = isFirst ? firstAnswerMs + this.patienceMs : timeoutMs > 0 ? timeoutMs + clientGraceMs : undefined;
    const query = { text, values: parameters.map(toParameter), ...(limit ? { query_timeout: limit } : {}) } satisfies QueryConfig & {
      query_timeout?: number;
    };
    try {
      const answer = (await this.client.query(query)) as unknown as SqlResult | SqlResult[];
      const { rows = [], command = '', rowCount = 0 } = (Array.isArray(answer) ? answer.at(-1) : answer) ?? {};
      return { rows: rows as Record<string, unknown>[], command: command ?? '', rowCount: rowCount ?? 0 };
    } catch (error) {
      if (isFirst && (error as Error).message === 'Query read timeout') {
        throw Object.assign(new Error('Connection terminated: no answer to the first statement'), { cause: error });
      }
      throw error;
    }
  }

  release(broken: boolean): void {
    this.client.release(broken);
  }
}

export class PostgresBackend implements SqlBackend {
  readonly kind = 'postgresql';
  private readonly pool: Pool;
  private ownerPool: Pool | undefined;

  readonly runtimeLogin?: string;

  constructor(private readonly options: PostgresOptions) {
    this.pool = this.createPool(options.url, options.poolMax);
    const login = loginOf(options.url);
    if (options.migrationUrl && loginOf(options.migrationUrl) !== login) this.runtimeLogin = login;
  }

  acquire(): Promise<SqlSession> {
    return this.session(this.pool);
  }

  acquireOwner(): Promise<SqlSession> {
    this.ownerPool ??= this.createPool(this.options.migrationUrl ?? this.options.url, 1);
    return this.session(this.ownerPool);
  }

  async close(): Promise<void> {
    await Promise.all([this.pool.end(), this.ownerPool?.end()]);
  }

  private async session(pool: Pool): Promise<SqlSession> {
    const asked = performance.now();
    const client = await pool.connect();
    return new PostgresSession(client, Math.max(0, this.options.acquireTimeoutMs - (performance.now() - asked)));
  }

  private createPool(connectionString: string, max: number): Pool {
    const pool = new Pool({
      connectionString,
      max,
      connectionTimeoutMillis: this.options.acquireTimeoutMs,
      idleTimeoutMillis: 30_000,
      keepAlive: true,
      application_name: 'parley',
      types: { getTypeParser: (typeId: number) => parserOf(typeId) as never },
    });
    // A connection in use that the server ends: its statement fails, and that is what is handled. Unheard, the event would end the process.
    pool.on('connect', (client) => client.on('error', () => undefined));
    // An idle connection that the server ends: the pool has already dropped it.
    pool.on('error', (error) => this.options.logger?.warn({ event: 'database.connection_lost', err: error }, 'database connection lost'));
    return pool;
  }
}
