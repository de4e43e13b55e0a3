import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';

import type { PGlite, Results } from '@electric-sql/pglite';

import { lowerThreadPriority } from '#platform/lifecycle';

import type { RawError, RawResult, WorkerReply, WorkerRequest, WorkerSettings } from './pglite-protocol';

type Identity = Record<number, (value: unknown) => never>;

const identity = (known: object): Identity =>
  Object.fromEntries(Object.keys(known).map((typeId) => [typeId, (value: unknown) => value as never]));

const open = async ({ dataDirectory, seedFile }: WorkerSettings): Promise<PGlite> => {
  const { PGlite } = await import('@electric-sql/pglite');
  const isNew = !dataDirectory || !existsSync(path.join(dataDirectory, 'PG_VERSION'));
  const database = await PGlite.create({
    ...(dataDirectory ? { dataDir: dataDirectory } : {}),
    ...(isNew && seedFile ? { loadDataDir: new File([readFileSync(seedFile)], path.basename(seedFile)) } : {}),
  });
  return database as unknown as PGlite;
};

const rawResult = (result: Results | undefined): RawResult => {
  const { fields = [], rows = [], ...rest } = result ?? {};
  const { command = '', rowCount = 0 } = rest as { command?: string; rowCount?: number };
  return { fields, rows: rows as unknown as (string | null)[][], command: command.split(' ')[0] ?? '', rowCount };
};

const rawError = (thrown: unknown): RawError => {
  const { message = String(thrown), code, detail, constraint, table, column, where } = thrown as Partial<RawError>;
  return { message, code, detail, constraint, table, column, where };
};

const main = async (): Promise<void> => {
  lowerThreadPriority(5);
  const port = parentPort!;
  const database = await open(workerData as WorkerSettings);
  // Types as text both ways: PGlite merges these over its own by key, so the keys must be its own.
  const { parsers, serializers } = database as unknown as { parsers: object; serializers: object };
  const options = { rowMode: 'array' as const, parsers: identity(parsers), serializers: identity(serializers) };

  const answer = async (request: WorkerRequest): Promise<WorkerReply> => {
    const { id } = request;
    switch (request.kind) {
      case 'query': {
        const { text, parameters } = request;
        if (parameters.length > 0) return { id, result: rawResult(await database.query(text, [...parameters], options)) };
        return { id, result: rawResult((await database.exec(text, options)).at(-1)) };
      }
      case 'dump':
        return { id, result: new Uint8Array(await (await database.dumpDataDir('gzip')).arrayBuffer()) };
      case 'close':
        await database.close();
        return { id, result: null };
    }
  };

  port.on('message', (request: WorkerRequest) => {
    void answer(request)
      .catch((thrown: unknown): WorkerReply => ({ id: request.id, error: rawError(thrown) }))
      .then((reply) => {
        port.postMessage(reply);
        if (request.kind === 'close') port.close();
      });
  });
  port.postMessage({ id: 0, result: null } satisfies WorkerReply);
};

main().catch((thrown: unknown) => {
  parentPort!.postMessage({ id: 0, error: rawError(thrown) } satisfies WorkerReply);
  parentPort!.close();
});
