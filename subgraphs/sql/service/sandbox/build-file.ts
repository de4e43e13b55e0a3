import { randomUUID } from 'node:crypto';
import { mkdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';

import { errors } from '#platform/errors';

import { spawnLimited } from './spawn-limited';

export interface BuildFile {
  readonly target: string;
  /** Our own statements; text that a person chose appears in them only as quoted literals. */
  readonly statements: readonly string[];
  /** Files that the statements may read. */
  readonly inputs?: readonly string[];
  /** @default 300_000 ms */
  readonly timeoutMs?: number;
  /** @default 1_024 MB */
  readonly memoryLimitMb?: number;
  readonly signal?: AbortSignal;
}

export interface BuildRequest {
  readonly file: string;
  readonly statements: readonly string[];
  readonly inputs: readonly string[];
  readonly memoryLimitMb: number;
}

export type BuildAnswer = { readonly ok: true; readonly rows: unknown[][] } | { readonly ok: false; readonly message: string };

/** The engine refused the data; its message is for `cleanMessage`. */
export class BuildFailure extends Error {
  override readonly name = 'BuildFailure';
}

/**
 * Writes a DuckDB file in a child process and puts it in place by a rename: readers hold the old file or open the new one, and a kill
 * at any moment leaves the old one. Answers the rows of the last statement.
 */
export async function buildDuckdbFile(build: BuildFile): Promise<unknown[][]> {
  const { target, statements, inputs = [], timeoutMs = 300_000, memoryLimitMb = 1_024, signal } = build;
  const file = `${target}.${randomUUID()}.partial`;
  await mkdir(path.dirname(target), { recursive: true });
  const child = spawnLimited('subgraphs/sql/service/sandbox/duckdb-build-child', memoryLimitMb * 3);
  const stop = AbortSignal.any([AbortSignal.timeout(timeoutMs), ...(signal ? [signal] : [])]);
  try {
    const answer = await new Promise<BuildAnswer>((resolve, reject) => {
      child.once('message', (message: BuildAnswer) => resolve(message));
      child.once('exit', () => resolve({ ok: false, message: 'out of memory' }));
      child.once('error', reject);
      const onAbort = (): void =>
        reject(signal?.aborted ? errors.QUERY_FAILED({ reason: 'it was cancelled' }) : errors.TIMEOUT({ seconds: timeoutMs / 1_000 }));
      stop.addEventListener('abort', onAbort, { once: true });
      child.send({ file, statements, inputs, memoryLimitMb } satisfies BuildRequest);
    });
    if (!answer.ok) throw new BuildFailure(answer.message);
    await rename(file, target);
    return answer.rows;
  } finally {
    child.kill('SIGKILL');
    await Promise.all([rm(file, { force: true }), rm(`${file}.wal`, { force: true })]);
  }
}
