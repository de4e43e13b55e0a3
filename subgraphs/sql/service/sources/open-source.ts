import { errors } from '#platform/errors';

import type { Sandbox } from '../sandbox';
import { ClickhouseClient } from './clickhouse/clickhouse-client';
import { clickhouseReader, clickhouseVersionSql } from './clickhouse/clickhouse-reader';
import { parseConnection, type ServerKind } from './connection';
import { FileAdapter } from './file-adapter';
import { MysqlClient } from './mysql/mysql-client';
import { mysqlReader, mysqlVersionSql } from './mysql/mysql-reader';
import type { ReachOptions } from './network/address';
import { PostgresClient } from './postgresql/postgresql-client';
import { postgresReader, postgresVersionSql } from './postgresql/postgresql-reader';
import type { ServerEngine } from './server/engine-client';
import { ServerAdapter } from './server/server-adapter';
import { TrinoClient } from './trino/trino-client';
import { trinoReader } from './trino/trino-reader';
import type { OpenSource, SourceSettings } from './types';

export interface OpenSourceOptions extends ReachOptions {
  readonly sandbox: Sandbox;
}

/** Opens the adapter of a source; nothing connects before its first use. */
export function createOpenSource({ sandbox, ...reach }: OpenSourceOptions): OpenSource {
  return (settings) => {
    const { kind, file } = settings;
    if (kind !== 'duckdb' && kind !== 'sqlite') return new ServerAdapter(engines[kind](settings, reach));
    if (!file) throw errors.INVALID_REQUEST({ what: 'The source', hint: 'it has no file' });
    return new FileAdapter(sandbox, kind, file);
  };
}

const engines: Readonly<Record<ServerKind, (settings: SourceSettings, reach: ReachOptions) => ServerEngine>> = {
  postgresql: ({ connection: given, credentials = {} }, reach) => {
    const connection = parseConnection('postgresql', given);
    return {
      dialect: 'postgresql',
      connect: () => new PostgresClient({ connection, credentials }, reach),
      reader: (rows) => postgresReader(rows, connection.schema),
      versionSql: postgresVersionSql(connection.schema),
    };
  },
  mysql: ({ connection: given, credentials = {} }, reach) => {
    const connection = parseConnection('mysql', given);
    return {
      dialect: 'mysql',
      connect: () => new MysqlClient({ connection, credentials }, reach),
      reader: mysqlReader,
      versionSql: mysqlVersionSql,
    };
  },
  clickhouse: ({ connection: given, credentials = {} }, reach) => {
    const connection = parseConnection('clickhouse', given);
    return {
      dialect: 'clickhouse',
      connect: () => new ClickhouseClient({ connection, credentials }, reach),
      reader: clickhouseReader,
      versionSql: clickhouseVersionSql,
    };
  },
  trino: ({ connection: given, credentials = {} }, reach) => {
    const connection = parseConnection('trino', given);
    return {
      dialect: 'trino',
      connect: () => new TrinoClient({ connection, credentials }, reach),
      reader: (rows) => trinoReader(rows, connection),
      versionSql: null,
    };
  },
};
