import { SqlDatabase } from './database';
import { openPglite } from './open-pglite';
import { PostgresBackend } from './postgres-backend';
import type { Database, DatabaseOptions } from './types';

/** Opens the metadata database; `migrate` comes next. A data directory that another process holds is refused with DirectoryInUse. */
export async function openDatabase(options: DatabaseOptions = {}): Promise<Database> {
  const { url, migrationUrl, dataDirectory, poolMax = 10, statementTimeoutMs = 5_000, acquireTimeoutMs, logger } = options;
  if (url) {
    const backend = new PostgresBackend({ url, migrationUrl, poolMax, acquireTimeoutMs: acquireTimeoutMs ?? 1_500, logger });
    return new SqlDatabase({ backend, statementTimeoutMs });
  }
  const backend = await openPglite({ dataDirectory, acquireTimeoutMs: acquireTimeoutMs ?? 10_000, logger });
  return new SqlDatabase({ backend, statementTimeoutMs });
}
