import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { lockDirectory } from './directory-lock';
import { PgliteBackend } from './pglite-backend';
import { seedFile } from './seed';
import type { Log } from './types';

export interface OpenPgliteOptions {
  readonly dataDirectory?: string;
  /** Starts an in-memory database from this dump instead of an empty cluster. */
  readonly template?: string;
  readonly acquireTimeoutMs: number;
  readonly logger?: Log;
}

/** In memory, or in a folder: `pgdata/` is the cluster, `complete` says that it was made to the end, `owner.lock` whose it is. */
export async function openPglite({ dataDirectory, template, ...options }: OpenPgliteOptions): Promise<PgliteBackend> {
  if (!dataDirectory) return PgliteBackend.open({ ...options, seedFile: template ?? (await seedFile()) });
  const unlock = await lockDirectory(dataDirectory);
  try {
    const cluster = path.join(dataDirectory, 'pgdata');
    const complete = path.join(dataDirectory, 'complete');
    // A process killed while it made the cluster leaves part of one; nothing was ever written to it by us.
    const isNew = !existsSync(complete);
    if (isNew) rmSync(cluster, { recursive: true, force: true });
    mkdirSync(cluster, { recursive: true });
    const seed = isNew ? await seedFile() : undefined;
    const backend = await PgliteBackend.open({ ...options, dataDirectory: cluster, seedFile: seed, onClosed: unlock });
    writeFileSync(complete, '');
    return backend;
  } catch (error) {
    await unlock();
    throw error;
  }
}
