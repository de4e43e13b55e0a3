import { createPool, type Pool, type PoolConnection, type PoolOptions } from 'mysql2';

import { replaceParameters } from '../../guard';
import type { Cell, ParameterValue, QueryColumn, QueryResult } from '../../sandbox';
import type { ServerConnection } from '../connection';
import { resolveAddress, type ReachOptions } from '../network/address';
import { asConnectFailure } from '../server/connect-problem';
import type { ClientQuery, EngineClient } from '../server/engine-client';
import { mysqlCell, mysqlColumn, type MysqlField } from './mysql-values';

export interface MysqlLogin {
  readonly connection: ServerConnection['mysql'];
  readonly credentials: Readonly<Record<string, string>>;
}

// Backslashes escape and || joins text, whatever the server's own mode: the statement was written for these. A median is cut out of a
// list of all values, which the usual limit would cut short without an error.
const sessionMode =
  "SET SESSION sql_mode = 'PIPES_AS_CONCAT,STRICT_TRANS_TABLES,NO_ENGINE_SUBSTITUTION', time_zone = '+00:00', group_concat_max_len = 4294967295";

/** MySQL and MariaDB by prepared statements, in a read-only transaction, with the server's own deadline and row limit. */
export class MysqlClient implements EngineClient {
  private pool: Promise<Pool> | undefined;

  constructor(
    private readonly login: MysqlLogin,
    private readonly reach: ReachOptions,
  ) {}

  async run(query: ClientQuery): Promise<Omit<QueryResult, 'executionTimeMs'>> {
    const pool = await (this.pool ??= this.open());
    const connection = await new Promise<PoolConnection>((resolve, reject) => {
      pool.getConnection((failure, found) => (failure ? reject(asConnectFailure(failure) as Error) : resolve(found)));
    });
    const stop = (): void => void this.kill(pool, connection);
    query.signal.addEventListener('abort', stop, { once: true });
    try {
      query.signal.throwIfAborted();
      const result = await this.read(connection, query);
      if (!result.truncated) await command(connection, 'ROLLBACK');
      // A KILL that is on its way would hit whatever runs on this connection next.
      if (result.truncated || query.signal.aborted) connection.destroy();
      else connection.release();
      return result;
    } catch (thrown) {
      connection.destroy();
      throw thrown;
    } finally {
      query.signal.removeEventListener('abort', stop);
    }
  }

  async close(): Promise<void> {
    const pool = await this.pool?.catch(() => undefined);
    if (pool) await new Promise<void>((resolve) => pool.end(() => resolve()));
  }

  private async read(
    connection: PoolConnection,
    { sql, parameters = {}, maxRows, maxBytes, timeoutMs }: ClientQuery,
  ): Promise<Omit<QueryResult, 'executionTimeMs'>> {
    const values: ParameterValue[] = [];
    const text = replaceParameters(sql, 'backslash', (name) => {
      values.push(parameters[name] ?? null);
      return '?';
    });
    await command(connection, sessionMode);
    await this.limit(connection, { maxRows, timeoutMs });
    await command(connection, 'START TRANSACTION READ ONLY');
    await prepareSelect(connection, text);
    return new Promise((resolve, reject) => {
      const rows: Cell[][] = [];
      let columns: QueryColumn[] = [];
      let bytes = 0;
      let settled = false;
      const settle = (truncated: boolean): void => {
        settled = true;
        resolve({ columns, rows, truncated });
      };
      connection
        .execute({ sql: text, values, rowsAsArray: true })
        .on('fields', (fields: MysqlField[]) => {
          columns = fields.map(mysqlColumn);
        })
        .on('result', (raw: unknown) => {
          if (settled) return;
          if (!Array.isArray(raw)) {
            settled = true;
            reject(new Error('only a SELECT may run'));
            return;
          }
          const row = raw.map((value: unknown, index) => mysqlCell(value, columns[index]!));
          bytes += Buffer.byteLength(JSON.stringify(row));
          if (rows.length >= maxRows || bytes > maxBytes) settle(true);
          else rows.push(row);
        })
        .on('error', (failure: Error) => {
          if (!settled) reject(failure);
          settled = true;
        })
        .on('end', () => {
          if (!settled) settle(false);
        });
    });
  }

  /** MariaDB counts seconds in one variable, MySQL milliseconds in another; each refuses the other's. */
  private async limit(connection: PoolConnection, { maxRows, timeoutMs }: { maxRows: number; timeoutMs: number }): Promise<void> {
    await command(connection, `SET SESSION sql_select_limit = ${Math.floor(maxRows) + 1}`);
    await command(connection, `SET SESSION max_statement_time = ${Math.max(0.01, timeoutMs / 1_000)}`).catch(() =>
      command(connection, `SET SESSION max_execution_time = ${Math.max(1, Math.ceil(timeoutMs))}`),
    );
  }

  private async kill(pool: Pool, connection: PoolConnection): Promise<void> {
    const id = Number(connection.threadId);
    await new Promise<void>((resolve) => pool.query(`KILL QUERY ${id}`, () => resolve()));
    connection.destroy();
  }

  private async open(): Promise<Pool> {
    const { connection, credentials } = this.login;
    const options: PoolOptions = {
      host: await resolveAddress(connection.host, this.reach),
      port: connection.port,
      database: connection.database,
      user: connection.user ?? credentials.user,
      password: credentials.password,
      ...(connection.ssl ? { ssl: { rejectUnauthorized: true, servername: connection.host } as object } : {}),
      connectTimeout: 10_000,
      connectionLimit: 4,
      idleTimeout: 30_000,
      dateStrings: true,
      supportBigNumbers: true,
      bigNumberStrings: true,
      multipleStatements: false,
      // A server may ask its client for any local file; this client has none to give.
      flags: ['-LOCAL_FILES'],
    };
    return createPool(options);
  }
}

/**
 * MariaDB lets DDL end a read-only transaction and then runs it. Preparing tells what a statement answers before it runs: one without
 * columns is no SELECT. One that writes and answers rows is what the transaction refuses.
 */
const prepareSelect = (connection: PoolConnection, sql: string): Promise<void> =>
  new Promise((resolve, reject) => {
    connection.prepare(sql, (failure, statement) => {
      if (failure) return reject(failure);
      const { columns } = statement as unknown as { readonly columns: readonly unknown[] };
      return columns.length === 0 ? reject(new Error('only a SELECT may run')) : resolve();
    });
  });

const command = (connection: PoolConnection, sql: string): Promise<void> =>
  new Promise((resolve, reject) => {
    connection.query(sql, (failure) => (failure ? reject(failure) : resolve()));
  });
