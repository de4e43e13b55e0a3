import type { Dialect } from '../catalog';
import { bigquery } from './dialects/bigquery';
import { clickhouse } from './dialects/clickhouse';
import { duckdb } from './dialects/duckdb';
import { mysql } from './dialects/mysql';
import { postgresql } from './dialects/postgresql';
import { snowflake } from './dialects/snowflake';
import { spark } from './dialects/spark';
import { sqlite } from './dialects/sqlite';
import { trino } from './dialects/trino';
import type { SqlDialect } from './sql-dialect';

const all: Record<Dialect, SqlDialect> = { duckdb, postgresql, sqlite, mysql, clickhouse, trino, spark, bigquery, snowflake };
export const sqlDialect = (name: Dialect): SqlDialect => all[name];
