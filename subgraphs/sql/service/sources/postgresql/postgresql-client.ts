import { Client, Pool, type PoolClient, type PoolConfig, type QueryConfig } from 'pg';

import { namedToNumbered } from '../../guard';
import type { Cell, QueryResult } from '../../sandbox';
import type { ServerConnection } from '../connection';
import { resolveAddress, type ReachOptions } from '../network/address';
import { asConnectFailure } from '../server/connect-problem';
import type { ClientQuery, EngineClient } from '../server/engine-client';
import { postgresCell, postgresColumn } from './postgresql-values';

const batchRows = 500;
const asText = { getTypeParser: () => (value: string | null) => value };

export interface PostgresLogin {
  readonly connection: ServerConnection['postgresql'];
  readonly credentials: Readonly<Record<string, string>>;
}

/** PostgreSQL by its extended protocol: one statement, in a read-only transaction, through a cursor that is read up to the caps. */
export class PostgresClient implements EngineClient {
  private pool: Promise<Pool> | undefined;

  constructor(
    private readonly login: PostgresLogin,
    private readonly reach: ReachOptions,
  ) {}

  async run(query: ClientQuery): Promise<Omit<QueryResult, 'executionTimeMs'>> {
    const pool = await (this.pool ??= this.open());
    const client = await pool.connect().catch((thrown: unknown) => {
      throw asConnectFailure(thrown);
    });
    const stop = (): void => void this.cancel(client);
    query.signal.addEventListener('abort', stop, { once: true });
    let healthy = false;
    try {
      query.signal.throwIfAborted();
      const result = await this.read(client, query);
      // A cancel that is on its way would hit whatever runs on this connection next.
      healthy = !query.signal.aborted;
      return result;
    } finally {
      query.signal.removeEventListener('abort', stop);
      // A connection on which something failed may be inside a transaction: it is not used again.
      client.release(!healthy);
    }
  }

  async close(): Promise<void> {
    const pool = await this.pool?.catch(() => undefined);
    await pool?.end();
  }

  private async read(
    client: PoolClient,
    { sql, parameters = {}, maxRows, maxBytes, timeoutMs }: ClientQuery,
  ): Promise<Omit<QueryResult, 'executionTimeMs'>> {
    const { text, names } = namedToNumbered(sql);
    await client.query('BEGIN TRANSACTION READ ONLY');
    // The server's own deadline, should this process be gone by then.
    await client.query(`SET LOCAL statement_timeout = ${Math.max(1, Math.ceil(timeoutMs))}`);
    // The extended protocol takes one statement only, and DECLARE only a query.
    const declare: QueryConfig & { queryMode: 'extended' } = {
      text: `DECLARE result NO SCROLL CURSOR FOR ${text}`,
      values: names.map((name) => parameters[name] ?? null),
      queryMode: 'extended',
    };
    await client.query(declare);
    const rows: Cell[][] = [];
    let bytes = 0;
    for (;;) {
      const wanted = Math.min(batchRows, maxRows + 1 - rows.length);
      const batch = await client.query<(string | null)[]>({ text: `FETCH FORWARD ${wanted} FROM result`, rowMode: 'array', types: asText });
      const columns = batch.fields.map(postgresColumn);
      for (const raw of batch.rows) {
        const row = raw.map((value, index) => postgresCell(value, columns[index]!));
        bytes += Buffer.byteLength(JSON.stringify(row));
        if (rows.length >= maxRows || bytes > maxBytes) return this.finish(client, { columns, rows, truncated: true });
        rows.push(row);
      }
      if (batch.rows.length < wanted) return this.finish(client, { columns, rows, truncated: false });
    }
  }

  private async finish<Result>(client: PoolClient, result: Result): Promise<Result> {
    await client.query('ROLLBACK');
    return result;
  }

  /** Asks the server to stop; its own deadline remains should this fail. */
  private async cancel(client: PoolClient): Promise<void> {
    const { processID } = client as unknown as { readonly processID: number };
    const other = new Client(await this.config());
    other.on('error', () => undefined);
    try {
      await other.connect();
      await other.query('SELECT pg_cancel_backend($1)', [processID]);
    } catch {
      // The caller has been answered; nobody waits for this.
    } finally {
      await other.end().catch(() => undefined);
    }
  }

  private async open(): Promise<Pool> {
    const pool = new Pool({ ...(await this.config()), max: 4, idleTimeoutMillis: 30_000, allowExitOnIdle: true });
    pool.on('error', () => undefined);
    return pool;
  }

  private async config(): Promise<PoolConfig> {
    const { connection, credentials } = this.login;
    const address = await resolveAddress(connection.host, this.reach);
    return {
      host: address,
      port: connection.port,
      database: connection.database,
      user: connection.user ?? credentials.user,
      password: credentials.password,
      ssl: connection.ssl ? { servername: connection.host, rejectUnauthorized: true } : false,
      connectionTimeoutMillis: 10_000,
      application_name: 'parley',
      options: `-c search_path=${connection.schema.replace(/[^A-Za-z0-9_]/g, (character) => `\\${character}`)} -c TimeZone=UTC -c default_transaction_read_only=on -c standard_conforming_strings=on`,
    };
  }
}
