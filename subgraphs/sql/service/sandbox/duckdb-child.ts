import { DuckDBInstance, StatementType, type DuckDBConnection, type DuckDBDataChunk, type DuckDBPreparedStatement } from '@duckdb/node-api';

import { cellConverter, duckdbKind } from './duckdb-values';
import type { ChildResult, EngineSettings } from './messages';
import { RowCollector } from './row-collector';
import { serveChild, type ChildEngine } from './serve-child';

/**
 * Everything that reaches outside the file is off, and the settings are locked. Spilling to disk is off as well: a query that does not
 * fit in memory fails instead of filling the volume.
 */
const openingSettings = (settings: EngineSettings): Record<string, string> => ({
  access_mode: 'READ_ONLY',
  autoinstall_known_extensions: 'false',
  autoload_known_extensions: 'false',
  allow_community_extensions: 'false',
  memory_limit: `${settings.memoryLimitMb}MB`,
  threads: String(settings.threads),
});

/** In this order: the temporary directory may not be changed once external access is off, and nothing once the settings are locked. */
const lockingStatements = [
  "set global temp_directory = ''",
  "set global TimeZone = 'UTC'",
  'set global enable_external_access = false',
  'set global lock_configuration = true',
];

class DuckdbEngine implements ChildEngine {
  private instance: DuckDBInstance | undefined;
  private running: DuckDBConnection | undefined;

  async open(file: string, settings: EngineSettings): Promise<void> {
    this.instance = await DuckDBInstance.create(file, openingSettings(settings));
    const connection = await this.instance.connect();
    for (const statement of lockingStatements) await connection.run(statement);
    connection.closeSync();
  }

  async query(query: Parameters<ChildEngine['query']>[0]): Promise<ChildResult> {
    if (!this.instance) throw new Error('no file is open');
    const started = performance.now();
    // A connection per query: a failed statement inside a transaction, a prepared name or a temporary table would stay on it.
    const connection = await this.instance.connect();
    this.running = connection;
    try {
      const statement = await prepareSelect(connection, query.sql);
      if (query.parameters) statement.bind(query.parameters as Record<string, string>);
      const result = await statement.stream();
      const types = result.columnTypes();
      const names = result.columnNames();
      const collector = new RowCollector(query.maxRows, query.maxBytes);
      for (let chunk = await result.fetchChunk(); chunk && chunk.rowCount > 0; chunk = await result.fetchChunk()) {
        if (!collect(chunk, collector)) break;
      }
      const columns = names.map((name, index) => ({ name, type: String(types[index]!), kind: duckdbKind(types[index]!) }));
      return { columns, rows: collector.rows, truncated: collector.truncated, executionTimeMs: performance.now() - started };
    } finally {
      this.running = undefined;
      connection.closeSync();
    }
  }

  interrupt(): void {
    this.running?.interrupt();
  }
}

/** Settings keep a statement from reaching out; they do not keep CALL, PRAGMA or ATTACH from harming the instance. */
async function prepareSelect(connection: DuckDBConnection, sql: string): Promise<DuckDBPreparedStatement> {
  const statements = await connection.extractStatements(sql);
  if (statements.count !== 1) throw new Error('exactly one statement may run');
  const prepared = await statements.prepare(0);
  if (prepared.statementType !== StatementType.SELECT) throw new Error('only a SELECT may run');
  return prepared;
}

function collect(chunk: DuckDBDataChunk, collector: RowCollector): boolean {
  for (let row = 0; row < chunk.rowCount; row += 1) {
    if (!collector.add(chunk.convertRowValues(row, cellConverter))) return false;
  }
  return true;
}

serveChild(new DuckdbEngine(), Number(process.argv[2]));
