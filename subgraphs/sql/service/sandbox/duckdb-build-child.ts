import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';

import type { BuildAnswer, BuildRequest } from './build-file';

/** Reads and writes nothing but the listed files: the rows come from a stranger's CSV or Parquet. */
async function restrict(connection: DuckDBConnection, { file, inputs }: BuildRequest): Promise<void> {
  const list = [...inputs, file, `${file}.wal`].map((name) => `'${name.replaceAll("'", "''")}'`).join(', ');
  await connection.run("set global temp_directory = ''");
  await connection.run(`set global allowed_paths = [${list}]`);
  await connection.run('set global enable_external_access = false');
  await connection.run('set global lock_configuration = true');
}

async function build(request: BuildRequest): Promise<BuildAnswer> {
  const instance = await DuckDBInstance.create(request.file, {
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
    allow_community_extensions: 'false',
    memory_limit: `${request.memoryLimitMb}MB`,
    threads: '2',
    preserve_insertion_order: 'false',
  });
  const connection = await instance.connect();
  await connection.run("set global TimeZone = 'UTC'");
  await restrict(connection, request);
  let rows: unknown[][] = [];
  for (const statement of request.statements) rows = (await connection.runAndReadAll(statement)).getRowsJson() as unknown[][];
  await connection.run('checkpoint');
  connection.closeSync();
  instance.closeSync();
  return { ok: true, rows };
}

process.on('message', (request: BuildRequest) => {
  build(request)
    .catch((thrown: unknown): BuildAnswer => ({ ok: false, message: thrown instanceof Error ? thrown.message : String(thrown) }))
    .then((answer) => process.send?.(answer, () => process.exit(0)))
    .catch(() => process.exit(1));
});
